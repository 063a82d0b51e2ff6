"""A run: what begins it, raises it, ends it, whichever kind of rule it is."""

from typing import Any

import pytest

from events.controls import DeviceFacts, Scope
from views_engine.rules.alert import alert_unit
from views_engine.rules.run import RunUnit
from views_engine.rules.tests.telling import alerts, reading, series, times, version
from views_engine.rules.timeline import Knowledge

HOT: dict[str, Any] = {"operator": ">", "value": 30}


@pytest.mark.parametrize(
    ("for_s", "readings", "expected"),
    [
        (0, [(0, 31)], [(0, 0, None)]),
        (0, [(0, 31), (5, 29)], [(0, 0, 5)]),
        (0, [(0, 29), (5, 31), (6, 32), (7, 30), (9, 40)], [(5, 5, 7), (9, 9, None)]),
        (10, [(0, 31), (9.999, 31)], []),
        (10, [(0, 31), (10, 31)], [(0, 10, None)]),
        (10, [(0, 31), (25, 31), (30, 31), (40, 0)], [(0, 25, 40)]),
        (10, [(0, 31), (10, 30), (11, 31), (20, 31)], []),
        (10, [(0, 31), (500, 29)], []),
        (0, [(0, 31), (0, 29)], [(0, 0, 0)]),
    ],
    ids=["raised", "cleared", "twice", "a moment short", "to the moment", "late", "began anew", "silence", "a tie"],
)
def test_a_run_is_raised_after_its_time_and_ends_with_a_clear_reading(
    for_s: float, readings: list[Any], expected: list[Any]
) -> None:
    assert times(alerts(version(**HOT, for_s=for_s), series(*readings))) == expected


@pytest.mark.parametrize(
    ("operator", "clear_value", "readings", "expected"),
    [
        (">", 28, [(0, 30), (1, 30.000001), (2, 28.000001), (3, 28)], [(1, 1, 3)]),
        (">=", 28, [(0, 29), (1, 30), (2, 28), (3, 27.999999)], [(1, 1, 3)]),
        ("<", 32, [(0, 30), (1, 29.999999), (2, 31.9), (3, 32)], [(1, 1, 3)]),
        ("<=", 32, [(0, 31), (1, 30), (2, 32), (3, 32.000001)], [(1, 1, 3)]),
        (">", None, [(1, 31), (3, 30)], [(1, 1, 3)]),
        (">=", None, [(1, 30), (3, 29.9)], [(1, 1, 3)]),
        (">", 30, [(1, 31), (3, 30)], [(1, 1, 3)]),
        (">=", 30, [(1, 30), (3, 29.9)], [(1, 1, 3)]),
    ],
)
def test_hysteresis_clears_at_the_clearing_value_or_beyond(
    operator: str, clear_value: float | None, readings: list[Any], expected: list[Any]
) -> None:
    rule = version(operator=operator, value=30, clear_value=clear_value)
    assert times(alerts(rule, series(*readings))) == expected


def test_a_reading_between_the_values_raises_and_does_not_begin() -> None:
    rule = version(**HOT, clear_value=20, for_s=10)
    assert times(alerts(rule, series((0, 25), (5, 31), (15, 25)))) == [(5, 15, None)]


@pytest.mark.parametrize(("operator", "value"), [(">", 40_000_000), ("<", 5_000_000)])
def test_the_value_is_the_most_extreme_one_while_it_lasted(operator: str, value: int) -> None:
    rule = version(operator=operator, value=30 if operator == ">" else 20, for_s=2)
    readings = series((0, 31), (1, 40), (2, 35), (3, 25)) if operator == ">" else series((0, 19), (1, 5), (2, 9))
    assert [one.value for one in alerts(rule, readings)] == [value]


def test_an_event_without_a_number_is_no_reading() -> None:
    rule = version(**HOT, for_s=5)
    assert alerts(rule, [reading(0, 31), reading(6, None)]) == []


def test_a_new_version_does_not_end_a_run_and_judges_from_its_time_on() -> None:
    versions = [version(1, **HOT, for_s=100), version(2, since=10, operator=">", value=25, for_s=5, name="warm")]
    (alert,) = alerts(versions, series((0, 31), (9, 31), (10, 26), (20, 25)))
    assert (times([alert]), alert.rule_version, alert.rule_name) == ([(0, 10, 20)], 2, "warm")


def test_a_new_version_may_clear_a_run() -> None:
    versions = [version(1, **HOT), version(2, since=10, operator=">", value=50)]
    (alert,) = alerts(versions, series((0, 31), (10, 31)))
    assert (times([alert]), alert.rule_version) == ([(0, 0, 10)], 1)


def test_a_rule_judges_nothing_before_it_is_in_force() -> None:
    assert times(alerts(version(**HOT, since=10), series((9, 31), (10, 31)))) == [(10, 10, None)]


def test_a_rule_that_is_disabled_ends_its_runs_at_that_moment() -> None:
    versions = [version(1, **HOT), version(2, **HOT, since=10, enabled=False), version(3, **HOT, since=20)]
    assert times(alerts(versions, series((0, 31), (15, 31), (25, 31)))) == [(0, 0, 10), (25, 25, None)]


@pytest.mark.parametrize(("clock", "cleared_at"), [(9, None), (10, 10), (99, 10)])
def test_a_run_ends_by_the_clock_when_no_reading_follows(clock: float, cleared_at: float | None) -> None:
    versions = [version(1, **HOT), version(2, **HOT, since=10, enabled=False)]
    assert times(alerts(versions, series((0, 31)), clock=clock)) == [(0, 0, cleared_at)]


def test_a_run_that_was_cut_before_it_raised_shows_nothing() -> None:
    versions = [version(1, **HOT, for_s=60), version(2, **HOT, since=10, enabled=False)]
    assert alerts(versions, series((0, 31), (70, 31))) == []


def test_a_device_that_leaves_the_scope_is_judged_no_longer() -> None:
    rule = version(**HOT, scope=Scope(groups=["north"]))
    facts = [DeviceFacts(device_id="hive", since=0, groups=["north"]), DeviceFacts(device_id="hive", since=10_000)]
    assert times(alerts(rule, series((0, 31), (5, 31), (15, 31)), facts)) == [(0, 0, 10)]


def test_a_version_that_makes_no_sense_judges_nothing() -> None:
    versions = [version(1, **HOT), version(2, since=10, operator="?", value=1), version(3, since=20, kind="range")]
    assert times(alerts(versions, series((0, 31), (30, 31)))) == [(0, 0, 10)]


def test_a_rule_without_any_sense_has_no_unit() -> None:
    assert alert_unit(Knowledge(rules={7: [version(kind="thunder")]}), 7) is None


def test_what_is_open_shows_until_it_is_cleared() -> None:
    unit = alert_unit(Knowledge(rules={7: [version(**HOT)]}), 7)
    assert isinstance(unit, RunUnit)
    state, _ = unit.apply(unit.initial(), reading(0, 31))
    row = unit.showing(state)
    assert row is not None
    assert (row.since, row.body["cleared_at"]) == (0, None)
    assert unit.apply(state, reading(1, 0))[0] == unit.initial()
