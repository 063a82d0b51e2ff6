"""Where devices went: positions and distance per window.

A leg joins two consecutive positions of a device and belongs to the window of the later one. Legs are kept as signed
rows: a late position takes back the leg it splits and adds the two it makes, so distances stay exact sums.
"""

import duckdb

from views_engine.rows import add_rows
from views_engine.units.base import RESOLUTIONS, TYPE_KEY, TYPE_ORDER, SetWise, due_bounds, one, struct, touched_windows

EARTH_RADIUS_MM = 6_371_008_800.0
"""Mean Earth radius (IUGG R1), in millimetres."""

REACHES_MS = (3_600_000, 86_400_000, None)
"""How far around late positions their neighbours are looked for: an hour, a day, everywhere."""

_POINT = struct(*TYPE_ORDER, "latitude", "longitude")
_STRUCT = (
    "STRUCT(observed_at BIGINT, seq BIGINT, event_id VARCHAR, timeless BOOLEAN, latitude BIGINT, longitude BIGINT)"
)
_DEVICE = "(PARTITION BY device_id ORDER BY observed_at, seq, event_id, timeless)"

MERGE = """
sum(count)::BIGINT AS count, sum(distance_mm)::BIGINT AS distance_mm,
min(first).latitude AS first_latitude, min(first).longitude AS first_longitude,
min(first).observed_at AS first_observed_at,
max(last).latitude AS last_latitude, max(last).longitude AS last_longitude, max(last).observed_at AS last_observed_at
"""
"""Merges the partial rows of one window."""

_MERGE_PARTS = (
    "sum(count)::BIGINT AS count, sum(distance_mm)::BIGINT AS distance_mm, min(first) AS first, max(last) AS last"
)


def leg_mm(from_latitude: str, from_longitude: str) -> str:
    """SQL of the great-circle distance from that position to (latitude, longitude), in whole millimetres.

    Haversine: 2 R asin √(sin²(Δφ/2) + cos φ₁ cos φ₂ sin²(Δλ/2)), on canonical points (millionths of a degree).
    """
    first, second = f"radians({from_latitude} / 1e6)", "radians(latitude / 1e6)"
    east = f"radians(longitude / 1e6) - radians({from_longitude} / 1e6)"
    half_chord = f"pow(sin(({second} - {first}) / 2), 2) + cos({first}) * cos({second}) * pow(sin(({east}) / 2), 2)"
    return f"round_even(2 * {EARTH_RADIUS_MM}::DOUBLE * asin(least(1::DOUBLE, sqrt({half_chord}))), 0)::BIGINT"


_LEG = leg_mm("from_latitude", "from_longitude")

_APPLY = f"""
WITH points AS (
    SELECT device_id, observed_at, seq, event_id, timeless, latitude, longitude FROM applied WHERE latitude IS NOT NULL
    UNION ALL
    SELECT device_id, key.observed_at, key.seq, key.event_id, key.timeless, latitude, longitude FROM latest
    WHERE latitude IS NOT NULL AND device_id IN (SELECT device_id FROM applied WHERE latitude IS NOT NULL)
), consecutive AS (
    SELECT device_id, observed_at, latitude, longitude,
           lag(latitude) OVER device AS from_latitude, lag(longitude) OVER device AS from_longitude
    FROM points WINDOW device AS {_DEVICE}
)
SELECT device_id, observed_at, {_LEG}, {{step}} FROM consecutive WHERE from_latitude IS NOT NULL
"""

_LATE = f"""
CREATE OR REPLACE TEMP TABLE late_tracks AS
SELECT device_id, min({TYPE_KEY}) AS low, max({TYPE_KEY}) AS high FROM due WHERE latitude IS NOT NULL GROUP BY device_id
"""

# A stretch of kept positions per device that contains the neighbours of every late one: from the last before the
# first late one to the first after the last.
_AROUND = f"""
CREATE OR REPLACE TEMP TABLE around AS
WITH near AS (
    SELECT device_id, {TYPE_KEY} AS key, latitude, longitude, low, high FROM events JOIN late_tracks USING (device_id)
    WHERE latitude IS NOT NULL AND {{reach}}
), edges AS (
    SELECT device_id, max(key) FILTER (key < low) AS before, min(key) FILTER (key > high) AS after
    FROM near GROUP BY device_id
)
SELECT near.device_id, key.observed_at AS observed_at, key.seq AS seq, key.event_id AS event_id,
       key.timeless AS timeless, latitude, longitude, before IS NOT NULL AS has_before, after IS NOT NULL AS has_after
FROM near JOIN edges USING (device_id) WHERE key >= coalesce(before, low) AND key <= coalesce(after, high)
"""

# Neighbours may lie farther off: before the stretch, or after it where the device has a newer position.
_OUT_OF_REACH = """
SELECT count(*) FROM late_tracks
LEFT JOIN (SELECT DISTINCT device_id, has_before, has_after FROM around) USING (device_id)
LEFT JOIN (SELECT device_id, key AS newest FROM latest WHERE latitude IS NOT NULL) USING (device_id)
WHERE newest IS NOT NULL AND (has_before IS NOT TRUE OR (has_after IS NOT TRUE AND newest > high))
"""

_CHANGES = f"""
CREATE OR REPLACE TEMP TABLE leg_changes AS
WITH points AS (
    SELECT device_id, observed_at, seq, event_id, timeless, latitude, longitude, arrival FROM due
    WHERE latitude IS NOT NULL
    UNION ALL
    SELECT device_id, observed_at, seq, event_id, timeless, latitude, longitude, NULL FROM around
), merged AS (
    SELECT *, lag(latitude) OVER device AS from_latitude, lag(longitude) OVER device AS from_longitude,
           lag(arrival) OVER device AS from_arrival
    FROM points WINDOW device AS {_DEVICE}
), former AS (
    SELECT * REPLACE (lag(latitude) OVER device AS from_latitude, lag(longitude) OVER device AS from_longitude)
    FROM merged WHERE arrival IS NULL WINDOW device AS {_DEVICE}
)
SELECT device_id, observed_at, {_LEG} AS mm, coalesce(arrival, from_arrival) AS cause FROM merged
WHERE from_latitude IS NOT NULL AND (arrival IS NOT NULL OR from_arrival IS NOT NULL)
UNION ALL
SELECT device_id, observed_at, -{_LEG}, from_arrival FROM former
WHERE from_arrival IS NOT NULL AND from_latitude IS NOT NULL
"""

# By now the legs are repaired, while the late positions are not among the events yet.
_CORRECT = """
WITH late AS (
    SELECT device_id, observed_at - observed_at % {length} AS start, sum(points) AS points, sum(mm) AS mm,
           min(cause) AS cause
    FROM (
        SELECT device_id, observed_at, 1 AS points, 0 AS mm, arrival AS cause FROM due WHERE latitude IS NOT NULL
        UNION ALL
        SELECT device_id, observed_at, 0, mm, cause FROM leg_changes
    ) GROUP BY ALL
), kept AS (
    SELECT device_id, start, sum(count) AS count, sum(distance_mm) AS mm
    FROM ({parts}) SEMI JOIN late USING (device_id, start) GROUP BY ALL
)
SELECT device_id, '{view}', 'location', start, unnest(['count', 'distance_m']),
       unnest([nullif(coalesce(kept.count, 0), 0)::DOUBLE, (kept.mm - late.mm) / 1000]),
       unnest([(coalesce(kept.count, 0) + points)::DOUBLE, coalesce(kept.mm, 0) / 1000]),
       cause, coalesce(kept.count, 0) > 0
FROM late LEFT JOIN kept USING (device_id, start)
"""


def parts(resolution: str, folded: int, where: str = "true") -> str:
    """SQL of the partial rows of location windows: device_id, start, count, distance_mm, first, last."""
    return f"""
    SELECT device_id, start, count, distance_mm, first, last FROM track_{resolution} WHERE {where}
    UNION ALL {_tail(RESOLUTIONS[resolution], folded, where)}
    """


def _tail(length: int, since: int, where: str = "true") -> str:
    start = f"observed_at - observed_at % {length} AS start"
    return f"""
    SELECT device_id, start, count(*) AS count, 0 AS distance_mm, min({_POINT}) AS first, max({_POINT}) AS last
    FROM (SELECT *, {start} FROM events WHERE step >= {since} AND latitude IS NOT NULL)
    WHERE {where} GROUP BY device_id, start
    UNION ALL
    SELECT device_id, start, 0, sum(mm)::BIGINT, NULL, NULL FROM (SELECT *, {start} FROM legs WHERE step >= {since})
    WHERE {where} GROUP BY device_id, start
    """


class Track(SetWise):
    name = "track"
    reads: tuple[str, ...] = ("latest",)
    schema = "CREATE TABLE legs (device_id VARCHAR, observed_at BIGINT, mm BIGINT, step BIGINT);" + "".join(
        f"""
        CREATE TABLE track_{resolution} (
            device_id VARCHAR, start BIGINT, count BIGINT, distance_mm BIGINT, first {_STRUCT}, last {_STRUCT}
        );
        """
        for resolution in RESOLUTIONS
    )

    def apply(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        add_rows(db, "legs", _APPLY.format(step=step))

    def survey(self, db: duckdb.DuckDBPyConnection) -> None:
        db.execute(_LATE)
        low, high = due_bounds(db)
        for reach in REACHES_MS:
            db.execute(_AROUND.format(reach=_reach(low, high, reach)))
            if reach is None or one(db, _OUT_OF_REACH) == (0,):
                break
        db.execute(_CHANGES)

    def correct(self, db: duckdb.DuckDBPyConnection, folded: int) -> None:
        low, high = due_bounds(db)
        high = max(high, one(db, f"SELECT coalesce(max(observed_at), {high}) FROM leg_changes")[0])
        for resolution, length in RESOLUTIONS.items():
            where = touched_windows(length, low, high)
            part = parts(resolution, folded, where)
            add_rows(db, "changed", _CORRECT.format(length=length, parts=part, view=f"track_{resolution}"))

    def repair(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        add_rows(db, "legs", f"SELECT device_id, observed_at, mm, {step} FROM leg_changes")

    def fold(self, db: duckdb.DuckDBPyConnection, since: int) -> None:
        for resolution, length in RESOLUTIONS.items():
            add_rows(
                db,
                f"track_{resolution}",
                f"""
                SELECT device_id, start, {_MERGE_PARTS} FROM ({_tail(length, since)}) GROUP BY device_id, start
                ORDER BY start, device_id
                """,
            )
        db.execute("DELETE FROM legs")


def _reach(low: int, high: int, reach_ms: int | None) -> str:
    if reach_ms is None:
        return "true"
    return (
        f"observed_at BETWEEN {low - reach_ms} AND {high + reach_ms} "
        f"AND observed_at BETWEEN low.observed_at - {reach_ms} AND high.observed_at + {reach_ms}"
    )
