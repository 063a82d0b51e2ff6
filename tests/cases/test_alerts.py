"""Histories of alerts that a simpler mind gets wrong, by name."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import pytest

from events.controls import RuleVersion
from tests.property.histories import HOUR, MINUTE, Event, rfc_3339, spelled
from tests.property.system import NOON, System
from views_engine.calculator import queries


@pytest.fixture
def system() -> Iterator[System]:
    system = System()
    yield system
    system.close()


def rule(kind: str = "threshold", since: int = NOON - 24 * HOUR, version: int = 1, **parameters: Any) -> RuleVersion:
    return RuleVersion(
        rule=1,
        version=version,
        name="watch",
        kind=kind,
        event_type="temperature",
        severity="critical",
        parameters=parameters,
        effective_from=since,
    )


HOT = rule(operator=">", value=30)
HOT_FOR_10_MINUTES = rule(operator=">", value=30, for_s=600)
QUIET = rule("no_data", after_s=1800)


def reading(minute: float, value: float, *, device: str = "a", **more: Any) -> Event:
    """So many minutes before noon where `minute` is negative."""
    return {
        "device_id": device,
        "event_type": "temperature",
        "observed_at": rfc_3339(NOON + round(minute * MINUTE)),
        "payload": {"value": value},
        **more,
    }


def send(system: System, *events: Event) -> None:
    """Received together, and taken in as far as it goes at once."""
    system.receive([spelled(event, False) for event in events])
    for _ in range(3):
        system.reform()
        system.calculate()
        system.wait(1000)


def alerts(system: System) -> list[tuple[str, float, float | None]]:
    """Device, start and end of every interval, in minutes after noon; they equal those of the verifier."""
    system.settle()
    assert system.differences() == []
    rows = queries.run(system.store.connection, "alert_intervals", {}).to_pylist()
    return [(row["device_id"], _minutes(row["started_at"]), _minutes(row["cleared_at"])) for row in rows]


def _minutes(ms: int | None) -> Any:
    return None if ms is None else (ms - NOON) / MINUTE


@pytest.mark.parametrize("order", ["as observed", "backwards", "odd ones first", "one by one"])
def test_a_buffer_with_one_hot_minute_is_not_hot_for_ten_minutes(system: System, order: str) -> None:
    """D4: two hours of readings, uploaded at once or bit by bit, in whichever order."""
    buffer = [reading(minute - 120, 35 if minute in (60, 61) else 20) for minute in range(120)]
    if order == "backwards":
        buffer.reverse()
    if order == "odd ones first":
        buffer = [*buffer[1::2], *buffer[::2]]
    system.decide(HOT_FOR_10_MINUTES)
    pieces = [[one] for one in buffer[50:75]] + [buffer[:50], buffer[75:]] if order == "one by one" else [buffer]
    for piece in pieces:
        send(system, *piece)
    assert alerts(system) == []


def test_a_hot_minute_that_comes_before_the_cool_ones_is_taken_back(system: System) -> None:
    system.decide(HOT_FOR_10_MINUTES)
    send(system, reading(-60, 35), reading(-30, 35))
    assert alerts(system) == [("a", -60, None)]
    send(system, reading(-59, 20), reading(-31, 20))
    assert alerts(system) == []


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_whatever_the_order_of_four_readings_the_alerts_are_the_same(system: System, order: Sequence[int]) -> None:
    readings = [reading(-40, 31), reading(-30, 20), reading(-20, 33), reading(-5, 10)]
    system.decide(HOT)
    for place in order:
        send(system, readings[place])
    assert alerts(system) == [("a", -40, -30), ("a", -20, -5)]


def test_a_device_that_was_silent_for_a_day_uploads_its_buffer(system: System) -> None:
    """Its silence never was; what it saw meanwhile is told as if it had been there."""
    system.decide(QUIET)
    send(system, reading(-1440, 20))
    assert alerts(system) == [("a", -1410, None)]
    send(system, *(reading(minute, 20) for minute in range(-1430, 0, 10)))
    assert alerts(system) == []


def test_a_late_reading_splits_a_silence(system: System) -> None:
    system.decide(QUIET)
    send(system, reading(-300, 20), reading(-10, 20))
    assert alerts(system) == [("a", -270, -10)]
    send(system, reading(-100, 20))
    assert alerts(system) == [("a", -270, -100), ("a", -70, -10)]


def test_withdrawn_and_raised_again(system: System) -> None:
    system.decide(HOT_FOR_10_MINUTES)
    send(system, reading(-60, 35), reading(-40, 35), reading(-10, 20))
    send(system, reading(-59, 20), reading(-39, 20))
    assert alerts(system) == []
    send(system, reading(-58, 35), reading(-45, 35))
    assert alerts(system) == [("a", -58, -39)]


def test_of_conflicting_duplicates_the_first_one_counts(system: System) -> None:
    system.decide(HOT)
    send(system, reading(-20, 20, event_id="1"), reading(-10, 35, event_id="2"))
    send(system, reading(-20, 40, event_id="1"), reading(-10, 5, event_id="2"))
    assert alerts(system) == [("a", -10, None)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_ties_in_time_are_judged_in_the_order_of_the_devices_counter(system: System, order: tuple[int, int]) -> None:
    system.decide(HOT)
    tied = [reading(-10, 35, seq=1), reading(-10, 20, seq=2)]
    for place in order:
        send(system, tied[place])
    assert alerts(system) == [("a", -10, -10)]


def test_a_device_that_reuses_its_ids_says_something_new_each_time(system: System) -> None:
    system.decide(HOT)
    send(system, reading(-30, 35, event_id="1"), reading(-20, 20, event_id="2"))
    send(system, reading(-10, 36, event_id="1"), reading(-5, 20, event_id="2"))
    assert alerts(system) == [("a", -30, -20), ("a", -10, -5)]


def test_two_late_devices_in_one_epoch(system: System) -> None:
    system.decide(HOT)
    send(system, *(reading(-5, 20, device=device) for device in ("a", "b")))
    late = [reading(-60, 35, device="a"), reading(-50, 35, device="b"), reading(-40, 20, device="a")]
    send(system, *late)
    assert alerts(system) == [("a", -60, -40), ("b", -50, -5)]
    assert system.store.connection.execute("SELECT devices FROM epochs").fetchall() == [(2,)]


def test_a_late_event_meets_the_rule_of_its_own_time(system: System) -> None:
    """The rule did not exist then; a later version that reaches back does."""
    system.decide(rule(since=NOON - 30 * MINUTE, operator=">", value=30))
    send(system, reading(-10, 20))
    send(system, reading(-60, 35), reading(-50, 20))
    assert alerts(system) == []
    system.decide(rule(since=NOON - 120 * MINUTE, version=2, operator=">", value=30))
    assert alerts(system) == [("a", -60, -50)]


def test_a_late_event_is_judged_by_the_version_of_its_own_time(system: System) -> None:
    system.decide(HOT, rule(since=NOON - 30 * MINUTE, version=2, operator=">", value=50))
    send(system, reading(-10, 40))
    send(system, reading(-40, 40))
    assert alerts(system) == [("a", -40, -10)]


def test_a_rule_for_the_past_judges_what_was_observed_long_ago(system: System) -> None:
    send(system, *(reading(minute, 35 if -300 <= minute < -200 else 20) for minute in range(-600, 0, 20)))
    assert alerts(system) == []
    system.decide(HOT_FOR_10_MINUTES)
    assert alerts(system) == [("a", -300, -200)]
