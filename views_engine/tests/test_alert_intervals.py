"""The view of alerts, as a store answers for it."""

from typing import Any

import pytest

from events.controls import DeviceFacts, RuleVersion, Scope
from views_engine.calculator.alert_intervals import touched
from views_engine.calculator.queries import BadQuestion
from views_engine.tests.histories import NOON, History, event

HOT: dict[str, Any] = {"operator": ">", "value": 30}


@pytest.fixture
def history() -> History:
    return History()


def rule(number: int = 1, *, version: int = 1, since: float = 0, kind: str = "threshold", **more: Any) -> RuleVersion:
    """A rule from `since` seconds after noon on; hot above 30 degrees unless said otherwise."""
    facts: dict[str, Any] = {
        "name": "hot",
        "event_type": "temperature" if kind == "threshold" else None,
        "severity": "warning",
        "parameters": HOT,
        **more,
    }
    return RuleVersion(rule=number, version=version, kind=kind, effective_from=NOON + round(since * 1000), **facts)


def quiet(number: int = 1, after_s: float = 60, **more: Any) -> RuleVersion:
    return rule(number, kind="no_data", parameters={"after_s": after_s}, **more)


def told(history: History, **asked: Any) -> list[tuple[Any, ...]]:
    """Start, device, rule and end of the intervals asked for, in seconds after noon."""

    def seconds(ms: int | None) -> float | None:
        return None if ms is None else (ms - NOON) / 1000

    rows = history.ask("alert_intervals", **asked)
    return [(seconds(row["started_at"]), row["device_id"], row["rule"], seconds(row["cleared_at"])) for row in rows]


def test_an_alert_is_open_until_it_is_cleared(history: History) -> None:
    history.decide(rule()).batch(event(10, 31.0))
    assert told(history) == [(10, "collar-1", 1, None)]
    history.batch(event(20, 40.0), event(30, 20.0))
    assert told(history) == [(10, "collar-1", 1, 30)]
    assert history.ask("alert_intervals")[0]["value"] == 40_000_000


def test_a_rule_may_judge_what_was_observed_before_it_was_saved(history: History) -> None:
    history.batch(event(10, 31.0), event(20, 20.0), event(30, 35.0)).decide(rule(since=5))
    assert told(history) == [(10, "collar-1", 1, 20), (30, "collar-1", 1, None)]


def test_a_late_reading_withdraws_an_alert(history: History) -> None:
    slow = rule(parameters={**HOT, "for_s": 600})
    history.decide(slow).batch(event(0, 31.0), event(900, 31.0))
    assert told(history) == [(0, "collar-1", 1, None)]
    history.batch(event(300, 20.0)).marker()
    assert told(history) == []


def test_a_silence_is_judged_by_the_clock_of_the_log(history: History) -> None:
    history.decide(quiet()).batch(event(0, 1.0)).tick(59)
    assert told(history) == []
    assert told(history.tick(60)) == [(60, "collar-1", 1, None)]
    assert told(history.batch(event(100, 1.0))) == [(60, "collar-1", 1, 100)]


def test_a_late_event_splits_a_silence(history: History) -> None:
    history.decide(quiet()).batch(event(0, 1.0), event(1000, 1.0)).batch(event(500, 1.0)).marker()
    assert told(history) == [(60, "collar-1", 1, 500), (560, "collar-1", 1, 1000)]


def test_a_device_that_leaves_the_scope_is_judged_no_longer(history: History) -> None:
    north = DeviceFacts(device_id="collar-1", since=NOON, groups=["north"])
    gone = DeviceFacts(device_id="collar-1", since=NOON + 20_000)
    history.decide(rule(scope=Scope(groups=["north"])), north).batch(event(10, 31.0)).decide(gone).tick(30)
    assert told(history) == [(10, "collar-1", 1, 20)]


def busy(history: History) -> History:
    """Two rules, two devices: alerts at 0–10 and from 20 on, and silences from 70 on."""
    history.decide(rule(1), quiet(2))
    for device in ("a", "b"):
        history.batch(*(event(at, value, device=device) for at, value in ((0, 31.0), (10, 20.0), (20, 35.0))))
    return history.tick(100)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"rules": [2]}, [(80, "a", 2, None), (80, "b", 2, None)]),
        ({"rules": [1], "device_ids": ["b"]}, [(0, "b", 1, 10), (20, "b", 1, None)]),
        ({"state": "cleared"}, [(0, "a", 1, 10), (0, "b", 1, 10)]),
        ({"state": "open", "device_ids": ["a"]}, [(20, "a", 1, None), (80, "a", 2, None)]),
        ({"to": NOON + 20_000}, [(0, "a", 1, 10), (0, "b", 1, 10)]),
        ({"from": NOON + 10_000, "device_ids": ["a"]}, [(20, "a", 1, None), (80, "a", 2, None)]),
        ({"from": NOON + 9_999, "to": NOON + 10_000, "device_ids": ["a"]}, [(0, "a", 1, 10)]),
        ({"rules": [3]}, []),
    ],
)
def test_which_intervals_are_asked_for(history: History, asked: dict[str, Any], expected: list[Any]) -> None:
    assert told(busy(history), **asked) == expected


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_are_the_whole_answer_cut_in_pieces(history: History, limit: int) -> None:
    whole, pages, after = told(busy(history)), list[Any](), None
    while page := told(history, limit=limit, after=after):
        pages += page
        started, device_id, number, _ = page[-1]
        after = [NOON + round(started * 1000), device_id, number]
    assert (len(whole), pages) == (6, whole)


def test_a_page_begins_after_a_place_and_after_nothing_else(history: History) -> None:
    with pytest.raises(BadQuestion, match="after: needs 3 members"):
        history.ask("alert_intervals", after=[1, "a"])


def test_of_intervals_that_start_together_the_last_one_counts(history: History) -> None:
    tie = [event(0, value, seq=seq) for seq, value in enumerate((31.0, 20.0, 40.0))]
    history.decide(rule()).batch(*tie)
    assert told(history) == [(0, "collar-1", 1, None)]
    history.batch(event(5, 10.0))
    assert told(history) == [(0, "collar-1", 1, 5)]


def test_what_was_touched_is_told_with_all_its_intervals(history: History) -> None:
    busy(history).ask("ledger")
    position = history.store.standing.position
    history.batch(event(30, 20.0, device="b")).ask("ledger")
    found = touched(history.store.connection, 0, position)
    assert {pair: len(own) for pair, own in found.pairs.items()} == {(1, "b"): 2}
    assert {pair: len(own) for pair, own in found.by_clock.items()} == {(2, "a"): 1, (2, "b"): 1}


def test_a_pair_whose_last_interval_vanished_is_touched_all_the_same(history: History) -> None:
    history.decide(rule(parameters={**HOT, "for_s": 600})).batch(event(0, 31.0), event(900, 31.0)).ask("ledger")
    position = history.store.standing.position
    history.batch(event(300, 20.0)).marker()
    rows = history.ask("alert_touched", epoch=0, position=position)
    assert [(row["rule"], row["device_id"], row["started_at"]) for row in rows] == [(1, "collar-1", None)]


def test_a_run_that_ends_because_its_rule_does_is_told_by_the_clock(history: History) -> None:
    history.decide(rule(), rule(version=2, since=60, enabled=False)).batch(event(10, 31.0)).tick(59).ask("ledger")
    assert touched(history.store.connection, 0, 0).by_clock == {}
    history.tick(60).ask("ledger")
    (cut,) = touched(history.store.connection, 0, 0).by_clock[1, "collar-1"]
    assert cut.cleared_at == NOON + 60_000
