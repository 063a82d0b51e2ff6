"""A back-test says what the rule would have said, had it been there."""

from typing import Any

import msgspec
import pytest

from events.controls import DeviceFacts, RuleVersion, Scope
from events.event import Event
from views_engine.calculator.queries import BadQuestion
from views_engine.tests.histories import NOON, History, event
from views_engine.tests.test_alert_intervals import quiet, rule

HOUR = 3600
END = NOON + 20 * HOUR * 1000

RULES = [
    rule(7, since=HOUR),
    rule(7, parameters={"operator": "<", "value": 25, "for_s": 900, "clear_value": 33}),
    rule(7, kind="rate_of_change", event_type="temperature", parameters={"limit": 0.5}, since=1.5 * HOUR),
    rule(7, scope=Scope(groups=["north"])),
    rule(7, kind="battery", parameters={"days_left_below": 1}, since=3 * HOUR),
    quiet(7, after_s=1000, since=HOUR),
    quiet(7, after_s=1000, event_type="battery"),
]


def filled(*decided: RuleVersion) -> History:
    """Two devices over ten hours, one of them in the north, that get hot and lose their charge."""
    found = History()
    found.decide(DeviceFacts(device_id="b", since=NOON, groups=["north"]), *decided)
    for hours in (range(4), range(4, 10)):
        arriving = [one for hour in hours for at in range(hour * HOUR, (hour + 1) * HOUR, 900) for one in _around(at)]
        found.batch(*arriving)
    return found.tick(12 * HOUR)


def _around(at: int) -> list[Event]:
    degrees = 20 + (at // 900 * 7) % 17
    return [
        event(at, degrees, device="a"),
        event(at + 1, degrees - 3, device="b"),
        event(at + 2, 90 - at / 1000, device="a", event_type="battery"),
    ]


@pytest.fixture
def history() -> History:
    return filled()


def rows(history: History, version: RuleVersion, **asked: Any) -> list[dict[str, Any]]:
    span = {"from": version.effective_from, "to": END, **asked}
    return history.ask("backtest", rule=msgspec.to_builtins(version), **span)


@pytest.mark.parametrize("version", RULES, ids=lambda one: one.kind)
def test_it_says_what_the_saved_rule_says(history: History, version: RuleVersion) -> None:
    tried = rows(history, version)
    assert tried == filled(version).ask("alert_intervals")
    assert tried != []


def test_what_goes_on_at_its_end_is_open(history: History) -> None:
    tried = rows(history, rule(), to=NOON + 2_000_000)
    assert [row["cleared_at"] for row in tried if row["device_id"] == "a"][-1] is None


def test_it_stops_at_its_limit(history: History) -> None:
    assert len(rows(history, rule(), limit=2)) == 2


def test_it_leaves_nothing_behind(history: History) -> None:
    rows(history, rule())
    assert history.ask("alert_intervals") == []


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"rule": {"kind": "threshold"}, "from": 0, "to": 1}, "rule"),
        ({"rule": msgspec.to_builtins(rule(parameters={})), "from": 0, "to": 1}, "/parameters/operator"),
        ({"rule": msgspec.to_builtins(rule()), "to": 1}, "from"),
        ({"rule": msgspec.to_builtins(rule()), "from": 1}, "to"),
    ],
)
def test_a_back_test_without_sense_is_refused(history: History, asked: dict[str, Any], named: str) -> None:
    with pytest.raises(BadQuestion, match=named):
        history.ask("backtest", **asked)
