"""What each kind says of a reading, at the edges of its parameters; and that columns are judged no narrower."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from views_engine.folds.columns import columns_of
from views_engine.folds.contract import Reading
from views_engine.rules.alert import alert_unit
from views_engine.rules.tests.telling import alerts, looking_back, reading, series, times, version
from views_engine.rules.timeline import Knowledge

DAY = 86_400
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]]}
RING = {
    "type": "Polygon",
    "coordinates": [*SQUARE["coordinates"], [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]],
}
TWO = {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"], [[[20, 0], [30, 0], [25, 10], [20, 0]]]]}


@pytest.mark.parametrize(
    ("value", "hot"), [(10, False), (9.999999, True), (20, False), (20.000001, True), (-5, True), (15, False)]
)
def test_a_range_raises_outside_of_it_alone(value: float, hot: bool) -> None:
    assert bool(alerts(version(kind="range", low=10, high=20), series((0, value)))) == hot


def test_the_value_of_a_range_is_the_one_farthest_outside() -> None:
    readings = series((0, 21), (1, 8), (2, 22), (3, 7.5), (4, 22.5), (5, 15))
    assert [alert.value for alert in alerts(version(kind="range", low=10, high=20), readings)] == [7_500_000]


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([(0, 20), (60, 25)], []),
        ([(0, 20), (60, 25.000001)], [(60, 60, None)]),
        ([(0, 20), (60, 14.9), (120, 14.9)], [(60, 60, 120)]),
        ([(0, 20), (0, 90)], []),
        ([(0, 20), (1, 30), (1, 31), (2, 31)], [(1, 1, 2)]),
        ([(0, 20)], []),
    ],
    ids=["just allowed", "just too fast", "falling", "no time", "no time in between", "first"],
)
def test_a_rate_is_the_size_of_a_change_over_its_time(readings: list[Any], expected: list[Any]) -> None:
    assert times(alerts(version(kind="rate_of_change", limit=5), series(*readings))) == expected


def test_the_value_of_a_rate_is_the_fastest_one() -> None:
    rule = version(kind="rate_of_change", limit=1, per_s=3600)
    assert [alert.value for alert in alerts(rule, series((0, 0), (7, 1), (10, 0), (20, 1)))] == [1_200_000_000]


def test_the_earlier_reading_of_a_rate_may_lie_before_the_rule() -> None:
    rule = version(kind="rate_of_change", limit=5, since=30)
    assert times(alerts(rule, series((0, 20), (60, 30)))) == [(60, 60, None)]


@pytest.mark.parametrize(
    ("polygon", "where", "inside"),
    [
        (SQUARE, (5, 5), True),
        (SQUARE, (0, 0), True),
        (SQUARE, (10, 5), True),
        (SQUARE, (10.000001, 5), False),
        (RING, (5, 5), False),
        (RING, (4, 5), True),
        (RING, (3, 3), True),
        (TWO, (25, 5), True),
        (TWO, (15, 5), False),
        (TWO, (25, 10), True),
    ],
)
def test_a_fence_holds_its_edge_and_not_its_holes(polygon: Any, where: tuple[float, float], inside: bool) -> None:
    rule = version(kind="geofence", polygon=polygon, when="inside")
    other = version(kind="geofence", polygon=polygon, when="outside")
    readings = [reading(0, where=where)]
    assert (bool(alerts(rule, readings)), bool(alerts(other, readings))) == (inside, not inside)
    assert [alert.value for alert in alerts(rule, readings)] == [None] * inside


def battery(*levels: float, every: float = DAY) -> list[Reading]:
    return series(*((number * every, level) for number, level in enumerate(levels)), event_type="battery")


@pytest.mark.parametrize(("level", "hot"), [(20, False), (19.999999, True)])
def test_a_battery_is_low_below_its_level(level: float, hot: bool) -> None:
    assert bool(alerts(version(kind="battery", below=20), battery(level))) == hot


@pytest.mark.parametrize(
    ("levels", "days", "expected"),
    [
        ([14, 12, 10], 5, []),
        ([14, 12, 10], 5.000001, [(2 * DAY, 2 * DAY, None)]),
        ([14, 12], 100, []),
        ([10, 12, 14], 100, []),
        ([14, 12, 10, 15, 14, 13], 6, [(2 * DAY, 2 * DAY, 3 * DAY)]),
    ],
    ids=["just enough", "just too few", "no trend", "rising", "charged"],
)
def test_a_battery_has_too_few_days_left_by_its_trend(levels: list[float], days: float, expected: list[Any]) -> None:
    assert times(alerts(version(kind="battery", days_left_below=days), battery(*levels))) == expected


def test_the_value_of_days_left_is_the_lowest_number_of_days() -> None:
    (alert,) = alerts(version(kind="battery", days_left_below=10), battery(14, 12, 10, 8))
    assert alert.value == 4_000_000


def test_a_trend_sees_seven_days_and_no_more() -> None:
    rule = version(kind="battery", days_left_below=1000)
    assert alerts(rule, battery(99, 50, 50, 50, every=3.5 * DAY)) != []
    assert times(alerts(rule, battery(99, 50, 50, 50, every=3.5 * DAY)))[0][2] == 3 * 3.5 * DAY


def test_a_trend_may_begin_before_the_rule() -> None:
    rule = version(kind="battery", days_left_below=6, since=1.5 * DAY)
    assert times(alerts(rule, battery(14, 12, 10))) == [(2 * DAY, 2 * DAY, None)]


RULES = [
    *(version(operator=sign, value=3, for_s=2, clear_value=3) for sign in (">", ">=", "<", "<=")),
    version(kind="range", low=-1, high=3),
    version(kind="rate_of_change", limit=3, per_s=1),
    version(kind="no_data", after_s=2),
    version(kind="battery", below=3),
    version(kind="battery", days_left_below=30),
    version(kind="geofence", polygon=RING, when="outside"),
    version(kind="geofence", polygon=TWO, when="inside", since=3),
]
_values = st.one_of(st.none(), st.integers(-10, 40).map(lambda n: n / 2))
_readings = st.lists(st.tuples(st.integers(0, 8), _values, st.integers(0, 31)), max_size=8)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind} {next(iter(rule.parameters.items()))}")
@given(points=_readings)
def test_what_is_passed_over_would_have_changed_nothing(rule: Any, points: Sequence[tuple[int, Any, int]]) -> None:
    unit: Any = alert_unit(Knowledge(rules={7: [rule]}), 7)
    found = [_at(rule.kind, *point, number) for number, point in enumerate(sorted(points, key=lambda one: one[0]))]
    readings = looking_back(found)
    mask = unit.stirs(columns_of(readings, looks_back=True))
    for one, stirs in zip(readings, np.ones(len(readings)) if mask is None else mask, strict=True):
        assert stirs or unit.apply(unit.initial(), one) == (unit.initial(), []) or unit.apply(None, one)[1] == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind} {next(iter(rule.parameters.items()))}")
@given(points=_readings, since=st.integers(0, 8), stop=st.integers(0, 8), disabled=st.booleans())
def test_gliding_comes_to_what_reading_by_reading_does(
    rule: Any, points: Sequence[tuple[int, Any, int]], since: int, stop: int, disabled: bool
) -> None:
    """Under a second version of the rule from `since` on, which may judge nothing."""
    other = structs.replace(rule, version=2, effective_from=since * 1000, enabled=not disabled)
    unit: Any = alert_unit(Knowledge(rules={7: [rule, other]}), 7)
    found = [_at(rule.kind, *point, number) for number, point in enumerate(sorted(points, key=lambda one: one[0]))]
    readings = looking_back(found)
    glide = unit.glides(columns_of(readings, looks_back=True))
    state = unit.initial()
    for row, one in enumerate(readings):
        if state is not None and glide is not None:
            glided, end = glide("hive", state, row, max(row + 1, min(stop, len(readings))))
            assert (glided, ()) == _one_by_one(unit, state, readings[row:end])
        state, _ = unit.apply(state, one)


def test_a_run_glides_over_many_readings() -> None:
    unit: Any = alert_unit(Knowledge(rules={7: [version(operator=">", value=3, for_s=2)]}), 7)
    readings = series(*((at, 5 + at) for at in range(9)), (9, 0))
    state, _ = unit.apply(unit.initial(), readings[0])
    glide = unit.glides(columns_of(readings, looks_back=False))
    assert glide("hive", state, 1, 10) == (_one_by_one(unit, state, readings[1:9])[0], 9)


def _one_by_one(unit: Any, state: Any, readings: Sequence[Reading]) -> tuple[Any, tuple[Any, ...]]:
    made: list[Any] = []
    for one in readings:
        state, outputs = unit.apply(state, one)
        made += outputs
    return state, tuple(made)


def _at(kind: str, at: int, value: float | None, place: int, number: int) -> Reading:
    if kind == "geofence":
        return reading(at, where=(place, 5), seq=number)
    event_type = "battery" if kind == "battery" else "temperature"
    where = (place, 5) if place > 25 else None
    return reading(at, value, where=where, seq=number, event_type=event_type)
