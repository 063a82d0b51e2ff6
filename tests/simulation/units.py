"""What the simulated calculators calculate: the alerts of one rule, and a unit that never rests and looks back."""

from collections.abc import Sequence
from typing import Any

from events.controls import RuleVersion
from tests.simulation.plain import TYPE
from views_engine.folds.contract import FoldUnit, Output, PlainFold, Reading
from views_engine.rules.alert import alert_units
from views_engine.rules.timeline import Knowledge

RULE = 1


class Swings(PlainFold):
    """Counts how often the temperature turned, and tells each turn: every reading changes the state."""

    name = "swings"
    event_types = frozenset([TYPE])
    state_type = tuple[int, int, int]

    def initial(self) -> tuple[int, int, int]:
        return 0, 0, 0

    def apply(self, state: tuple[int, int, int], event: Reading) -> tuple[tuple[int, int, int], Sequence[Output]]:
        turns, last, direction = state
        value = event.value or 0
        step = (value > last) - (value < last)
        if step and direction and step != direction:
            return (turns + 1, value, step), [Output(since=event.observed_at, body={"turn": turns + 1})]
        return (turns, value, step or direction), ()


class Pauses(PlainFold):
    """Tells each pause of five minutes; rests always and looks back."""

    name = "pauses"
    event_types = frozenset([TYPE])
    looks_back = True
    state_type = None

    def initial(self) -> None:
        return None

    def apply(self, state: None, event: Reading) -> tuple[None, Sequence[Output]]:
        if event.before is None or event.observed_at - event.before[0] < 300_000:
            return None, ()
        return None, [Output(since=event.before[0], body={"until": event.observed_at})]

    def stirs(self, events: Any) -> Any:
        return events.has_before & (events.observed_at - events.before_at >= 300_000)


def rule_units(versions: Sequence[RuleVersion]) -> list[FoldUnit[Any]]:
    """The alert unit of the one rule there is, once it has a version."""
    return alert_units(Knowledge(rules={RULE: versions}, facts={})) if versions else []


def version(number: int, effective_from: int, how: str) -> RuleVersion:
    """A version of that rule: hot above 30 °C, or for three minutes, or not judged at all."""
    return RuleVersion(
        rule=RULE,
        version=number,
        name="hot",
        kind="threshold",
        event_type=TYPE,
        severity="warning",
        parameters={"operator": ">", "value": 30, "for_s": 180 if how == "hot for" else 0},
        enabled=how != "off",
        effective_from=effective_from,
    )
