"""A decision that comes after the events gives what it would have given before them, and touches nothing else."""

from typing import Any

import pytest

from events.controls import DeviceFacts, RuleVersion, Scope
from views_engine.tests.histories import NOON, History, event

HOUR = 3600
READINGS = [
    event(minute * 60 + 7 * place, 20 + (minute * 13 + place * 5) % 25, device=device)
    for minute in range(0, 600, 7)
    for place, device in enumerate(("a", "b", "c"))
]
KINDS: dict[str, dict[str, Any]] = {
    "threshold": {"operator": ">", "value": 35, "clear_value": 25, "for_s": 600},
    "rate_of_change": {"limit": 1, "per_s": 60},
    "no_data": {"after_s": 400},
}


def rule(kind: str, version: int = 1, since: float = 0, **members: Any) -> RuleVersion:
    given: dict[str, Any] = {"event_type": "temperature", "severity": "info", "parameters": KINDS[kind]}
    return RuleVersion(
        rule=1,
        version=version,
        name="Rule",
        kind=kind,
        effective_from=NOON + round(since * 1000),
        **{**given, **members},
    )


def alerts(history: History) -> list[dict[str, Any]]:
    return history.tick(20 * HOUR).ask("alert_intervals")


def touched(history: History, position: int) -> set[str]:
    history.ask("ledger")
    rows = history.store.connection.execute("SELECT device_id FROM fold_touched WHERE step >= ?", [position]).fetchall()
    return {device_id for (device_id,) in rows}


def says(*bodies: RuleVersion | DeviceFacts, before: int) -> list[dict[str, Any]]:
    """The alerts where the first `before` decisions came before all events, the others after them."""
    history = History()
    for body in bodies[:before]:
        history.decide(body)
    for start in range(0, len(READINGS), 50):
        history.batch(*READINGS[start : start + 50])
    for body in bodies[before:]:
        history.decide(body)
    return alerts(history)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("since", [-HOUR, 0, HOUR + 1, 5 * HOUR, 11 * HOUR])
def test_a_rule_that_comes_late_says_the_same(kind: str, since: float) -> None:
    found = says(rule(kind, since=since), before=0)
    assert found == says(rule(kind, since=since), before=1)
    assert bool(found) == (since < 10 * HOUR or kind == "no_data")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", [{"enabled": False}, {"severity": "critical"}, {"scope": Scope(devices=["b"])}])
@pytest.mark.parametrize("since", [2 * HOUR + 30, 5 * HOUR])
def test_a_version_that_reaches_back_changes_what_follows(kind: str, change: dict[str, Any], since: float) -> None:
    bodies = [rule(kind), rule(kind, 2, since, **change)]
    assert says(*bodies, before=1) == says(*bodies, before=2)


@pytest.mark.parametrize("kind", KINDS)
def test_facts_that_come_late_say_the_same(kind: str) -> None:
    bodies: list[RuleVersion | DeviceFacts] = [
        rule(kind, scope=Scope(groups=["cold"])),
        DeviceFacts(device_id="a", since=NOON + 5 * HOUR * 1000, groups=["cold"]),
        DeviceFacts(device_id="a", since=NOON + 6 * HOUR * 1000, groups=["warm"]),
        DeviceFacts(device_id="b", since=NOON + 7 * HOUR * 1000, tags=["cold"]),
    ]
    found = says(*bodies, before=1)
    assert found == says(*bodies, before=4)
    assert {row["device_id"] for row in found} == {"a"}


def test_facts_touch_their_device_alone() -> None:
    history = History().decide(rule("threshold", scope=Scope(groups=["cold"]))).batch(*READINGS)
    history.ask("ledger")
    position = history.store.standing.position
    history.decide(DeviceFacts(device_id="b", since=NOON, groups=["cold"]))
    assert touched(history, position) == {"b"}


def test_nothing_is_touched_by_what_begins_later() -> None:
    history = History().batch(*READINGS)
    history.ask("ledger")
    position = history.store.standing.position
    history.decide(rule("threshold", since=15 * HOUR))
    assert touched(history, position) == set()
