"""Fates, histories and views of the fold, against expectations worked out by hand."""

from dataclasses import replace
from typing import Any

import pytest

from views_engine.tests.raw import NOON, Raw, raw, reading
from views_engine.verify import views
from views_engine.verify.fold import Device, Fold, Identity, ledger
from views_engine.verify.reading import Facts
from views_engine.verify.views import DAY_MS, Row

HOUR_MS = 3_600_000
DEFAULTS = Facts()


def folded(*records: Raw, facts: Facts = DEFAULTS) -> Fold:
    fold = Fold(facts)
    for record in records:
        fold.take(record)
    return fold


def device(*events: dict[str, Any]) -> Device:
    return folded(raw(*events)).devices()[0]


def fates(*records: Raw, facts: Facts = DEFAULTS) -> dict[str, int]:
    return {fate: count for fate, count in ledger(folded(*records, facts=facts)).items() if count}


def at(milliseconds: int, value: float = 20.0, **members: Any) -> dict[str, Any]:
    """A reading so long after noon, or before it."""
    seconds = milliseconds // 1000 + 12 * 3600
    day, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.{milliseconds % 1000:03}"
    return reading(value, observed_at=f"2026-01-{31 + day:02}T{clock}Z", **members)


def positions(*points: tuple[int, float, float]) -> Device:
    return device(
        *(
            at(time, event_type="location", payload={"latitude": latitude, "longitude": longitude})
            for time, latitude, longitude in points
        )
    )


def battery(*readings: tuple[int, float]) -> list[Row]:
    events = (at(ms, value, event_type="battery", event_id=str(n)) for n, (ms, value) in enumerate(readings))
    return list(views.battery_trends(device(*events)))


@pytest.mark.parametrize(
    ("second", "fate"),
    [
        (reading(20.0), "duplicate"),
        (reading(20.0, event_id="x"), None),
        (reading(68, payload={"unit": "fahrenheit", "value": 68}), "duplicate"),
        (reading(20.0, device_id="b"), None),
        (reading(20.0, event_type="humidity"), None),
        (reading(20.0, observed_at="2026-01-31T13:00:00+01:00"), "duplicate"),
        (reading(20.0, observed_at="2026-01-31T12:00:00.001Z"), None),
    ],
)
def test_sent_again_without_an_id(second: dict[str, Any], fate: str | None) -> None:
    expected = {"applied": 1, fate: 1} if fate else {"applied": 2}
    assert fates(raw(reading(20), second)) == expected


@pytest.mark.parametrize(
    ("second", "fate"),
    [
        ({"payload": {"value": 20.0}}, "duplicate"),
        ({"payload": {"value": 20.1}}, "conflict"),
        ({"seq": 1}, "conflict"),
        ({"payload": {"value": 20, "note": "x"}}, "conflict"),
    ],
)
def test_the_same_id_again(second: dict[str, Any], fate: str) -> None:
    assert fates(raw(reading(20, event_id="x"), {**reading(20, event_id="x"), **second})) == {"applied": 1, fate: 1}


def test_the_first_in_the_raw_log_is_kept() -> None:
    fold = folded(raw(reading(1, event_id="x")), raw(reading(2, event_id="x"), first=1))
    assert [event.value for event in fold.devices()[0].events] == [1_000_000]


@pytest.mark.parametrize(
    ("later_ms", "fate"), [(0, "duplicate"), (DAY_MS, "duplicate"), (-DAY_MS, "duplicate"), (DAY_MS + 1, "applied")]
)
def test_an_id_without_a_time_names_the_event_for_a_day(later_ms: int, fate: str) -> None:
    named = reading(1, observed_at=None, event_id="x")
    assert folded(raw(named), raw(named, at=NOON + later_ms, first=1)).fates[fate] == 1 + (fate == "applied")


def test_a_day_counts_from_the_kept_event_not_from_its_copies() -> None:
    named = reading(1, observed_at=None, event_id="x")
    records = [raw(named, at=NOON + hours * HOUR_MS, first=n) for n, hours in enumerate((0, 20, 40, 60))]
    assert fates(*records) == {"applied": 2, "duplicate": 2}


def test_with_and_without_a_time_are_never_the_same() -> None:
    assert fates(raw(reading(1, event_id="x"), reading(1, event_id="x", observed_at=None))) == {"applied": 2}


def test_neither_time_nor_id_is_never_the_same() -> None:
    nameless = reading(1, observed_at=None)
    assert fates(raw(nameless, nameless)) == {"applied": 2}


@pytest.mark.parametrize(
    ("observed_at", "fate"),
    [
        ("2026-01-31T12:05:00Z", "applied"),
        ("2026-01-31T12:05:00.001Z", "future"),
        ("2000-01-01T00:00:00Z", "applied"),
        ("1999-12-31T23:59:59.999Z", "too_old"),
    ],
)
def test_clocks_far_off_are_set_aside(observed_at: str, fate: str) -> None:
    assert fates(raw(reading(1, observed_at=observed_at))) == {fate: 1}


@pytest.mark.parametrize(("before_ms", "fate"), [(HOUR_MS, "applied"), (HOUR_MS + 1, "too_old")])
def test_retention(before_ms: int, fate: str) -> None:
    assert fates(raw(at(-before_ms)), facts=Facts(retention_ms=HOUR_MS)) == {fate: 1}


def test_what_is_set_aside_is_a_sign_of_life_and_nothing_else() -> None:
    fold = folded(raw(reading(1, observed_at="2099-01-01T00:00:00Z")))
    assert list(views.devices(fold.devices()[0])) == [("a", None, NOON, 0)]


def test_garbage_harms_no_neighbour() -> None:
    assert fates(raw(b"{", reading(1), b"")) == {"applied": 1, "invalid": 2}


@pytest.mark.parametrize(
    "wrong", [{"events": 3}, {"headers": {"format": "ndjson", "source": "nowhere"}}, {"headers": {"source": "door"}}]
)
def test_a_record_that_is_not_what_it_says(wrong: dict[str, Any]) -> None:
    record = replace(raw(reading(1), reading(2)), **wrong)
    assert fates(record) == {"invalid": record.events}


def test_an_unknown_device_leaves_no_trace() -> None:
    fold = folded(raw(reading(1), source="direct"), facts=Facts(refused={0: "unknown_device"}))
    assert (fold.fates["unknown_device"], fold.devices()) == (1, [])


def test_what_waits_for_its_epoch_is_in_no_view_yet() -> None:
    fold = folded(raw(reading(1, event_id="x"), reading(2, event_id="y")))
    waiting = [Identity("a", "temperature", NOON, "y", False)]
    assert [event.event_id for event in fold.devices(waiting)[0].events] == ["x"]
    assert ledger(fold, len(waiting))["applied"] == 1


def test_order_breaks_ties_by_seq_then_type_then_id() -> None:
    events = [
        reading(1, event_id="b"),
        reading(2, event_id="A", seq=0),
        reading(3, event_id="c", event_type="humidity"),
        reading(4, event_id="a"),
        reading(5, event_id="B"),
    ]
    assert [event.value for event in device(*events).events] == [3_000_000, 5_000_000, 4_000_000, 1_000_000, 2_000_000]


def test_windows_are_aligned_to_utc_and_half_open() -> None:
    rows = views.windows(device(at(0, 1), at(59_999, 3), at(60_000, 2)), "temperature", "1m")
    assert list(rows) == [
        ("a", NOON, 2, 1_000_000, 3_000_000, 4_000_000, 1_000_000, 3_000_000),
        ("a", NOON + 60_000, 1, 2_000_000, 2_000_000, 2_000_000, 2_000_000, 2_000_000),
    ]


def test_a_leg_belongs_to_the_window_of_its_later_point() -> None:
    rows = list(views.track_windows(positions((0, 0, 0), (59_999, 0, 1), (60_000, 0, 2)), "1m"))
    # One degree of the equator: π/180 × 6,371,008.8 m.
    assert [row[:4] for row in rows] == [("a", NOON, 2, 111_195_080), ("a", NOON + 60_000, 1, 111_195_080)]


@pytest.mark.parametrize(
    ("start", "end", "millimetres"),
    [
        ((0, 179.5), (0, -179.5), 111_195_080),
        ((90, 0), (90, 123), 0),
        ((0, 0), (0, 180), 20_015_114_442),
        ((90, 0), (-90, 0), 20_015_114_442),
        ((45, 7), (45, 7), 0),
    ],
)
def test_legs(start: tuple[float, float], end: tuple[float, float], millimetres: int) -> None:
    rows = list(views.track_windows(positions((0, *start), (1000, *end)), "1h"))
    assert rows[0][3] == millimetres


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([(-HOUR_MS, 50), (0, 49)], ("a", 2, None, None, 49_000_000)),
        ([(0, 50), (0, 49), (0, 48)], ("a", 3, None, None, 48_000_000)),
        ([(-2 * DAY_MS, 50), (-DAY_MS, 48), (0, 46)], ("a", 3, -2.0, 23.0, 46_000_000)),
        ([(-2 * DAY_MS, 46), (-DAY_MS, 48), (0, 50)], ("a", 3, 2.0, None, 50_000_000)),
        ([(-3 * DAY_MS, 10), (-2 * DAY_MS, 90), (-DAY_MS, 89), (0, 88)], ("a", 3, -1.0, 88.0, 88_000_000)),
        ([(-2 * DAY_MS, 50), (-DAY_MS, 54.999999), (0, 50)], ("a", 3, 0.0, None, 50_000_000)),
        ([(-7 * DAY_MS - 1, 90), (-7 * DAY_MS, 80), (-DAY_MS, 74), (0, 73)], ("a", 3, -1.0, 73.0, 73_000_000)),
    ],
)
def test_battery_trends(readings: list[tuple[int, float]], expected: Row) -> None:
    assert battery(*readings) == [expected]
