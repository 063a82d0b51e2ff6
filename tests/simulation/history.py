"""A history: what happens in one simulated run, act by act. A seed makes one; a list of acts is one, too."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

NOON = 1_769_860_800_000
"""2026-01-31T12:00:00Z in milliseconds."""

MINUTE = 60_000
DEVICES = ("a", "b")
CALCULATORS = ("one", "two", "three")
CONTROLLERS = ("first", "second")
CRASHES = ("before", "after")


class Sent(NamedTuple):
    """A reading as a device sends it: `at` in milliseconds after noon, `value` a whole number of degrees."""

    device: str
    at: int
    seq: int
    event_id: str
    value: int


class Act(NamedTuple):
    """One thing that happens. `what` names a method of `World`, the others are its arguments."""

    what: str
    who: str = ""
    number: int = 0
    how: str = ""
    readings: tuple[Sent, ...] = ()

    def __str__(self) -> str:
        rest = [word for word in (self.who, self.how, str(self.number) if self.number else "") if word]
        sent = ", ".join(f"{one.device}@{one.at} {one.value}° #{one.event_id}/{one.seq}" for one in self.readings)
        return " ".join([self.what, *rest, sent]).rstrip()


History = tuple[Act, ...]


def generate(seed: int) -> History:
    """The history of a seed, always the same one."""
    return Writer(Random(seed)).history()


class Writer:
    """Makes up one history; `chance` is all that decides."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.sent: list[Sent] = []
        self.now = 0

    def history(self) -> History:
        kinds = list(_ACTS)
        weights = [_ACTS[kind][0] for kind in kinds]
        length = self.chance.randint(8, 36)
        chosen = self.chance.choices(kinds, weights, k=length)
        return tuple(_ACTS[kind][1](self) for kind in chosen)

    def send(self) -> Act:
        readings = tuple(self._reading() for _ in range(self.chance.choice((1, 1, 2, 4))))
        return Act("send", readings=readings)

    def _reading(self) -> Sent:
        """New, late, the same again, the same id with other content, or several at the same moment."""
        chance = self.chance
        if self.sent and chance.random() < 0.25:
            again = chance.choice(self.sent)
            return again._replace(value=again.value + 1) if chance.random() < 0.3 else again
        back = chance.choice((0, 0, 0, 1, 2, 5, 20)) * MINUTE
        at = max(0, self.now - back) // MINUTE * MINUTE
        number = chance.randrange(4)
        reading = Sent(chance.choice(DEVICES), at, chance.choice((-1, -1, 1, 2)), f"id{number}", self._degrees())
        self.sent.append(reading)
        return reading

    def _degrees(self) -> int:
        return self.chance.choice((10, 20, 29, 31, 35))

    def wait(self) -> Act:
        milliseconds = self.chance.choice((50, 500, 2000, MINUTE, 3 * MINUTE, 20 * MINUTE))
        self.now += milliseconds
        return Act("wait", number=milliseconds)

    def rule(self) -> Act:
        """A version of the rule: its limit, from when on, and whether it is enabled."""
        back = self.chance.choice((0, 0, 10, 60)) * MINUTE
        how = self.chance.choice(("on", "on", "on", "off", "hot for"))
        return Act("rule", number=max(0, self.now - back), how=how)

    def reform(self) -> Act:
        return Act("reform", who=self.chance.choice(("new", "new", "new", "old")))

    def crash_reformer(self) -> Act:
        return Act("crash_reformer", how=self.chance.choice(CRASHES))

    def calculate(self) -> Act:
        return Act("calculate", who=self._calculator(), number=self.chance.choice((1, 2, 100)))

    def crash(self) -> Act:
        return Act("crash", who=self._calculator(), how=self.chance.choice(CRASHES))

    def lose(self) -> Act:
        return Act("lose", who=self._calculator())

    def snapshot(self) -> Act:
        return Act("snapshot", who=self._calculator())

    def stop(self) -> Act:
        return Act("stop", who=self._calculator())

    def go_on(self) -> Act:
        return Act("go_on", who=self._calculator())

    def beat(self) -> Act:
        return Act("beat", who=self._calculator())

    def mirror(self) -> Act:
        return Act("mirror", who=self._calculator(), how=self.chance.choice(("", "", "", "slow", *CRASHES)))

    def look(self) -> Act:
        return Act("look", who=self.chance.choice(CONTROLLERS))

    def decide(self) -> Act:
        return Act("decide", who=self.chance.choice(CONTROLLERS))

    def read(self) -> Act:
        return Act("read")

    def ask(self) -> Act:
        return Act("ask", who=self._calculator(), how=self.chance.choice(("promote", "drain", "undrain")))

    def acknowledge(self) -> Act:
        return Act("acknowledge", number=self.chance.randrange(3))

    def _calculator(self) -> str:
        return self.chance.choice(CALCULATORS)


_ACTS: dict[str, tuple[int, Callable[[Writer], Act]]] = {
    "send": (24, Writer.send),
    "wait": (12, Writer.wait),
    "rule": (4, Writer.rule),
    "reform": (16, Writer.reform),
    "crash_reformer": (3, Writer.crash_reformer),
    "calculate": (24, Writer.calculate),
    "crash": (4, Writer.crash),
    "lose": (1, Writer.lose),
    "snapshot": (2, Writer.snapshot),
    "stop": (2, Writer.stop),
    "go_on": (3, Writer.go_on),
    "beat": (12, Writer.beat),
    "mirror": (8, Writer.mirror),
    "look": (6, Writer.look),
    "decide": (10, Writer.decide),
    "read": (8, Writer.read),
    "ask": (2, Writer.ask),
    "acknowledge": (2, Writer.acknowledge),
}
"""What may happen, and how often beside the others."""
