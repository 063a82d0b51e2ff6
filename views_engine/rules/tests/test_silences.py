"""no_data: the time between two events, and after the last one."""

from typing import Any

import pytest

from views_engine.rules.tests.telling import alerts, reading, times, version


def quiet(number: int = 1, **changes: Any) -> Any:
    return version(number, kind="no_data", **{"after_s": 60, **changes})


@pytest.mark.parametrize(
    ("moments", "clock", "expected"),
    [
        ([], 1000, []),
        ([0, 60], 60, []),
        ([0, 60.001], 61, [(60, 60, 60.001)]),
        ([0, 100, 130], 140, [(60, 60, 100)]),
        ([0], 59.999, []),
        ([0], 60, [(60, 60, None)]),
        ([0, 30, 300], 400, [(90, 90, 300), (360, 360, None)]),
    ],
)
def test_a_silence_begins_after_its_time_and_ends_with_the_next_event(
    moments: list[float], clock: float, expected: list[Any]
) -> None:
    assert times(alerts(quiet(), [reading(at, 1) for at in moments], clock=clock)) == expected


def test_of_a_type_only_its_own_events_break_the_silence() -> None:
    readings = [reading(0, 1), reading(50, 1, event_type="humidity"), reading(100, 1)]
    assert times(alerts(quiet(event_type="temperature"), readings, clock=101)) == [(60, 60, 100)]
    assert times(alerts(quiet(), readings, clock=101)) == []


def test_the_time_counts_from_when_the_rule_is_in_force() -> None:
    assert times(alerts(quiet(since=50), [reading(0, 1), reading(200, 1)], clock=200)) == [(110, 110, 200)]


def test_an_open_silence_outlasts_a_new_version() -> None:
    versions = [quiet(1), quiet(2, since=100, after_s=500, name="longer")]
    (alert,) = alerts(versions, [reading(0, 1), reading(200, 1)], clock=200)
    assert (times([alert]), alert.rule_version) == ([(60, 60, 200)], 1)


def test_a_silence_that_was_not_long_enough_yet_is_judged_by_the_new_version() -> None:
    versions = [quiet(1), quiet(2, since=50, after_s=20)]
    assert times(alerts(versions, [reading(0, 1), reading(200, 1)], clock=200)) == [(70, 70, 200)]


@pytest.mark.parametrize(
    ("clock", "expected"), [(99, [(60, 60, None)]), (100, [(60, 60, 100)]), (260, [(60, 60, 100), (260, 260, None)])]
)
def test_a_silence_ends_where_the_rule_is_disabled_and_begins_anew_after(clock: float, expected: list[Any]) -> None:
    versions = [quiet(1), quiet(2, since=100, enabled=False), quiet(3, since=200)]
    assert times(alerts(versions, [reading(0, 1)], clock=clock)) == expected
