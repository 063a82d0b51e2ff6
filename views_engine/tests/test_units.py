"""What the units calculate, and that late events leave no trace but their own."""

import math

import pytest

from views_engine.tests.histories import NOON, History, event

HOUR = 3600
DAY = 86_400
PARIS, LYON, NICE = (48.8566, 2.3522), (45.7640, 4.8357), (43.7102, 7.2620)


def haversine_mm(first: tuple[float, float], second: tuple[float, float]) -> int:
    (lat1, lon1), (lat2, lon2) = ((math.radians(a), math.radians(b)) for a, b in (first, second))
    a = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return round(2 * 6_371_008_800 * math.asin(math.sqrt(a)))


@pytest.fixture(params=[1, 1_000_000], ids=["folded", "unfolded"])
def history(request: pytest.FixtureRequest) -> History:
    return History(fold_rows=request.param)


def test_a_window_counts_and_bounds_its_readings(history: History) -> None:
    history.batch(event(0, 20.0), event(10, 22.5), event(59.999, 21.0), event(60, 30.0))
    first, second = history.ask("windows", event_type="temperature", resolution="1m")
    assert (first["start"], first["count"], first["sum"]) == (NOON, 3, 63_500_000)
    assert [first[name] for name in ("min", "max", "first", "last")] == [20_000_000, 22_500_000, 20_000_000, 21_000_000]
    assert (second["start"], second["count"]) == (NOON + 60_000, 1)


def test_windows_of_every_length_hold_late_readings_after_the_marker(history: History) -> None:
    history.batch(event(HOUR, 30.0)).batch(event(5, 10.0), event(6, 12.0)).marker()
    for resolution in ("1m", "1h"):
        window = history.ask("windows", event_type="temperature", resolution=resolution)[0]
        assert (window["start"], window["count"], window["first"]) == (NOON, 2, 10_000_000)
    (day,) = history.ask("windows", event_type="temperature", resolution="1d")
    assert (day["count"], day["first"], day["last"]) == (3, 10_000_000, 30_000_000)


def test_ties_in_time_do_not_blur_first_and_last(history: History) -> None:
    history.batch(event(0, 2.0, event_id="m")).batch(event(0, 1.0, event_id="a"), event(0, 3.0, event_id="z")).marker()
    (window,) = history.ask("windows", event_type="temperature", resolution="1m")
    assert (window["first"], window["last"]) == (1_000_000, 3_000_000)


def test_a_leg_belongs_to_the_window_of_its_later_point(history: History) -> None:
    history.batch(event(30, where=PARIS), event(90, where=LYON))
    first, second = history.ask("track_windows", resolution="1m")
    assert (first["distance_mm"], second["distance_mm"]) == (0, haversine_mm(PARIS, LYON))


def test_a_late_position_splits_the_leg_it_falls_on(history: History) -> None:
    history.batch(event(0, where=PARIS)).batch(event(2 * HOUR, where=NICE)).batch(event(HOUR, where=LYON)).marker()
    windows = {row["start"]: row["distance_mm"] for row in history.ask("track_windows", resolution="1h")}
    assert windows == {
        NOON: 0,
        NOON + HOUR * 1000: haversine_mm(PARIS, LYON),
        NOON + 2 * HOUR * 1000: haversine_mm(LYON, NICE),
    }


@pytest.mark.parametrize("gap", [60, 2 * HOUR, 40 * DAY], ids=["near", "same day", "far"])
def test_neighbours_of_a_late_position_are_found_however_far_they_are(history: History, gap: int) -> None:
    history.batch(event(0, where=PARIS)).batch(event(2 * gap, where=NICE)).batch(event(gap, where=LYON)).marker()
    total = sum(row["distance_mm"] for row in history.ask("track_windows", resolution="1d"))
    assert total == haversine_mm(PARIS, LYON) + haversine_mm(LYON, NICE)


def test_late_positions_before_the_first_and_after_the_last_one(history: History) -> None:
    history.batch(event(HOUR, where=LYON)).batch(event(3 * HOUR, 20.0))
    history.batch(event(0, where=PARIS), event(2 * HOUR, where=NICE)).marker()
    total = sum(row["distance_mm"] for row in history.ask("track_windows", resolution="1d"))
    assert total == haversine_mm(PARIS, LYON) + haversine_mm(LYON, NICE)


def test_the_newest_reading_of_a_type_may_be_a_late_one(history: History) -> None:
    history.batch(event(0, 50.0, event_type="battery"), event(60, 20.0)).batch(event(30, 49.0, event_type="battery"))
    assert [row["value"] for row in history.ask("latest", event_type="battery")] == [50_000_000]
    assert [row["value"] for row in history.marker().ask("latest", event_type="battery")] == [49_000_000]


def test_a_battery_that_falls_two_percent_a_day_and_has_ten_left(history: History) -> None:
    history.batch(*(event(day * DAY, 14.0 - 2 * day, event_type="battery") for day in range(3)))
    (trend,) = history.ask("battery_trends")
    assert (trend["percent_per_day"], trend["days_left"]) == (-2.0, 5.0)


def test_a_trend_begins_at_the_last_charge(history: History) -> None:
    levels = [50, 10, 90, 89, 88]
    history.batch(*(event(day * DAY, level, event_type="battery") for day, level in enumerate(levels)))
    (trend,) = history.ask("battery_trends")
    assert (trend["readings"], trend["percent_per_day"], trend["days_left"]) == (3, -1.0, 88.0)


def test_two_readings_make_no_trend(history: History) -> None:
    history.batch(event(0, 50.0, event_type="battery"), event(DAY, 49.0, event_type="battery"))
    (trend,) = history.ask("battery_trends")
    assert (trend["percent_per_day"], trend["days_left"]) == (None, None)


def test_corrections_name_what_changed_from_what_to_what_and_because_of_which_event(history: History) -> None:
    history.batch(event(0, 20.0), event(30, 22.0)).batch(event(10, 40.0, event_id="late-one")).marker()
    rows = history.ask("corrections", order="asc")
    maxima = {row["view"]: (row["from"], row["to"]) for row in rows if row["field"] == "max"}
    assert maxima == {"rollup_1m": (22.0, 40.0), "rollup_1h": (22.0, 40.0), "rollup_1d": (22.0, 40.0)}
    assert {row["cause"]["event_id"] for row in rows} == {"late-one"}
    assert {row["epoch"] for row in rows} == {1}
    assert not [row for row in rows if row["field"] in ("min", "first", "last") and row["view"].startswith("rollup")]


def test_a_window_that_only_late_events_fill_is_corrected_by_its_count_alone(history: History) -> None:
    history.batch(event(DAY, 20.0)).batch(event(0, 40.0)).marker()
    rows = [row for row in history.ask("corrections") if row["view"] == "rollup_1m"]
    assert [(row["field"], row["from"], row["to"]) for row in rows] == [("count", None, 1.0)]
    assert rows[0]["key"] == "temperature/2026-01-31T12:00:00.000Z"


def test_the_leg_behind_a_late_position_is_corrected_in_its_own_window(history: History) -> None:
    history.batch(event(0, where=PARIS), event(2 * HOUR, where=NICE)).batch(event(HOUR, where=LYON)).marker()
    rows = [row for row in history.ask("corrections") if row["view"] == "track_1h" and row["field"] == "distance_m"]
    (row,) = rows
    assert row["key"] == "location/2026-01-31T14:00:00.000Z"
    assert (row["from"], row["to"]) == (haversine_mm(PARIS, NICE) / 1000, haversine_mm(LYON, NICE) / 1000)


def test_the_clock_of_the_views_never_goes_back(history: History) -> None:
    history.tick(10).tick(5).ask("latest")
    assert history.store.standing.clock == NOON + 10_000


def test_activity_stays_true_when_it_is_thinned_out() -> None:
    history = History(fold_rows=1)
    for number in range(130):
        history.batch(event(30 * number, 20.0), event(30 * number + 10, 20.0))
        history.clock += 59_000
    history.ask("ledger")
    hours = history.ask("activity", bucket_ms=3_600_000)
    assert sum(row["received"] for row in hours) == 260
    assert len(history.ask("activity", bucket_ms=1)) < 130


@pytest.mark.parametrize("limit", [1, 7, 50, 1000])
def test_pages_by_device_are_the_whole_answer_cut_in_pieces(history: History, limit: int) -> None:
    arriving = [event(60 * i, 20.0 + i, device=f"collar-{device:02}") for device in range(40) for i in range(3)]
    history.batch(*arriving)
    whole = history.ask("windows", event_type="temperature", resolution="1m")
    pages, after = list[dict[str, object]](), None
    while page := history.ask("windows", event_type="temperature", resolution="1m", limit=limit, after=after):
        pages, after = pages + page, [page[-1]["device_id"], page[-1]["start"]]
    assert (len(whole), pages) == (120, whole)
