"""The whole way in one process, a step at a time: log, reformer, calculator, and the fold beside them."""

from collections.abc import Sequence

from events.controls import Control, DeviceFacts, RuleVersion, text_of
from events.event_types import BUILT_IN
from events.letter import Letter
from events.log.base import Record, Topic
from events.log.memory import MemoryLog
from events.records import Fate, Source, raw_entry
from events.reformer import Reformer, ReformerSettings
from views_engine.calculator.store import Store
from views_engine.calculator.worker import Calculator, Pace
from views_engine.verify.alerts import Decisions, decisions
from views_engine.verify.compare import Difference, differences
from views_engine.verify.digest import digests
from views_engine.verify.fold import Fold
from views_engine.verify.reading import Facts

NOON = 1_769_860_800_000
"""2026-01-31T12:00:00Z"""

STRANGER = "stranger"
"""A device that nobody knows."""

DOOR_TYPE = {"slug": "door", "name": "Door", "unit": "count", "schema": {"required": ["value"]}}
ENDED = (Fate.INVALID, Fate.UNKNOWN_DEVICE)
TYPES = BUILT_IN.with_custom([DOOR_TYPE])


class System:
    """One shard. Nothing happens but what a test asks for; time stands still until `wait`."""

    def __init__(
        self,
        *,
        batch_size: int = 100_000,
        fold_rows: int = 50_000,
        handover_late_events: int = 1_000_000,
        store: str = ":memory:",
    ) -> None:
        self.now = NOON
        self.log = MemoryLog()
        self.letters: dict[int, Letter] = {}
        self.controls: list[Control] = []
        self.batch_size, self.fold_rows = batch_size, fold_rows
        self.handover_late_events = handover_late_events
        self.store = Store.open(store)
        self.refused: dict[int, str] = {}
        self._fold, self._folded = Fold(self.facts()), 0
        self.restart_reformer()
        self.restart_calculator()

    def receive(self, lines: Sequence[bytes], source: Source = Source.DOOR, at: int | None = None) -> None:
        """One raw record of these lines, received `at`, or now."""
        entry = raw_entry(lines, shard=0, received_at=self.now if at is None else at, source=source)
        self.log.append(Topic.RAW, [entry])

    def decide(self, *bodies: RuleVersion | DeviceFacts) -> None:
        """What people decide; the reformer finds it when it next asks."""
        self.controls += [Control(number, body) for number, body in enumerate(bodies, len(self.controls) + 1)]

    def reform(self) -> None:
        self.reformer.step()

    def calculate(self) -> None:
        self.calculator.step()

    def wait(self, milliseconds: int) -> None:
        self.now += milliseconds

    def restart_reformer(self) -> None:
        """A new process on the same log; the old one may still be alive."""
        self.log = self.log.beside()
        self.reformer = Reformer(
            log=self.log,
            shard=0,
            clock=lambda: self.now,
            types=lambda: TYPES,
            known_devices=lambda ids: ids - {STRANGER},
            dead_letters=self._keep,
            controls=lambda shard, number: self.controls[number:],
            settings=ReformerSettings(batch_size=self.batch_size, handover_late_events=self.handover_late_events),
        )

    def restart_calculator(self) -> None:
        self.calculator = Calculator(
            log=self.log,
            shard=0,
            store=self.store,
            pace=Pace(events_per_step=self.batch_size, fold_rows=self.fold_rows),
        )

    def settle(self) -> None:
        """Until all that was received is in the views."""
        for _ in range(1000):
            self.reform()
            self.calculate()
            self.wait(1000)
            if self.settled:
                return
        raise AssertionError("the views never came to rest")

    @property
    def settled(self) -> bool:
        standing = self.store.standing
        ordered = self.log.head(Topic.ORDERED, 0).position
        waiting = self.store.connection.execute("SELECT count(*) FROM waiting").fetchone()
        read_all = standing.raw == self.log.head(Topic.RAW, 0).position and standing.position == ordered
        return read_all and waiting == (0,)

    def differences(self) -> list[Difference]:
        """Between the views and the fold of the named set of events that they claim to equal."""
        standing = self.store.standing
        fold = self._fold_up_to(standing.raw)
        return list(differences(self.store.connection, fold, said=self.said(standing.controls)))

    def said(self, number: int) -> Decisions:
        """What was decided up to this number."""
        return decisions(text_of(control.body).decode() for control in self.controls[:number])

    def digests(self) -> dict[str, str]:
        return digests(self.store.connection)

    def balance(self) -> tuple[int, int]:
        """Raw events that the store accounts for, and how many fates it gave them, those that wait included."""
        total = "SELECT (SELECT coalesce(sum(count), 0)::BIGINT FROM fates) + (SELECT count(*) FROM waiting)"
        row = self.store.connection.execute(total).fetchone()
        return self.store.standing.raw_events, row[0] if row else 0

    def close(self) -> None:
        self.store.close()

    def _fold_up_to(self, position: int) -> Fold:
        for record in self.raw(self._folded):
            if record.position < position:
                self._fold.take(record)
                self._folded = record.position + 1
        return self._fold

    def raw(self, position: int) -> Sequence[Record]:
        """The raw records from this position on."""
        return self.log.read(Topic.RAW, 0, position, max_records=10_000, max_events=10**9)

    def _keep(self, letters: list[Letter]) -> None:
        self.letters.update((letter.arrival, letter) for letter in letters)
        self.refused.update((letter.arrival, letter.reason) for letter in letters if letter.reason in ENDED)

    def facts(self) -> Facts:
        return Facts(custom_types={"door"}, refused=self.refused)
