"""Windows of 1 minute, 1 hour and 1 day: count, sum, min, max, first and last of every type that has a number.

All of it merges exactly, late events included, so a window may be spread over several partial rows: those folded so
far and, for the newest events, the events themselves. Readers merge; nothing is ever rewritten.
"""

import duckdb

from views_engine.rows import add_rows, make_rows
from views_engine.units.base import RESOLUTIONS, TYPE_ORDER, SetWise, due_bounds, struct, touched_windows

_READING = struct(*TYPE_ORDER, "value")
_PART = "count, sum, min, max, first, last"

_AGGREGATE = f"""
count(*) AS count, sum(value) AS sum, min(value) AS min, max(value) AS max,
min({_READING}) AS first, max({_READING}) AS last
"""

MERGE = """
sum(count)::BIGINT AS count, min(min) AS min, max(max) AS max, sum(sum) AS sum,
min(first).value AS first, max(last).value AS last
"""
"""Merges the partial rows of one window."""

_MERGE_PARTS = """
sum(count)::BIGINT AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max, min(first) AS first, max(last) AS last
"""

_STRUCT = "STRUCT(observed_at BIGINT, seq BIGINT, event_id VARCHAR, timeless BOOLEAN, value BIGINT)"

_FIELDS = ("count", "sum", "mean", "min", "max", "first", "last")

# Windows before and after are the same partial rows, without and with those of the late events.
_CORRECT = """
WITH late AS (
    SELECT device_id, event_type, observed_at - observed_at % {length} AS start, {aggregate}, min(arrival) AS cause
    FROM due WHERE value IS NOT NULL GROUP BY ALL
), kept AS (
    SELECT device_id, event_type, start, {merge_parts}
    FROM ({parts}) SEMI JOIN late USING (device_id, event_type, start) GROUP BY ALL
), old AS (
    SELECT device_id, event_type, start, cause, kept.count, kept.sum, kept.min, kept.max, kept.first.value AS first,
           kept.last.value AS last, coalesce(kept.count, 0) + late.count AS new_count,
           coalesce(kept.sum, 0) + late.sum AS new_sum, least(kept.min, late.min) AS new_min,
           greatest(kept.max, late.max) AS new_max,
           CASE WHEN kept.first < late.first THEN kept.first.value ELSE late.first.value END AS new_first,
           CASE WHEN kept.last > late.last THEN kept.last.value ELSE late.last.value END AS new_last
    FROM late LEFT JOIN kept USING (device_id, event_type, start)
)
SELECT device_id, '{view}', event_type, start, unnest({fields}),
       unnest([count, sum / 1e6, sum / (count * 1e6), min / 1e6, max / 1e6, first / 1e6, last / 1e6]),
       unnest([new_count, new_sum / 1e6, new_sum / (new_count * 1e6), new_min / 1e6, new_max / 1e6, new_first / 1e6,
               new_last / 1e6]),
       cause, count IS NOT NULL
FROM old
"""


def parts(resolution: str, folded: int, where: str = "true") -> str:
    """SQL of the partial rows of windows: device_id, event_type, start, and the partial aggregates.

    `where` may name device_id, event_type and start; `folded` is the standing's.
    """
    length = RESOLUTIONS[resolution]
    return f"""
    SELECT device_id, event_type, start, {_PART} FROM rollup_{resolution} WHERE {where}
    UNION ALL
    SELECT device_id, event_type, start, {_AGGREGATE} FROM (
        SELECT *, observed_at - observed_at % {length} AS start FROM events
        WHERE step >= {folded} AND value IS NOT NULL
    ) WHERE {where} GROUP BY device_id, event_type, start
    """


class Rollups(SetWise):
    name = "rollups"
    schema = "".join(
        f"""
        CREATE TABLE rollup_{resolution} (
            device_id VARCHAR, event_type VARCHAR, start BIGINT, count BIGINT, sum HUGEINT, min BIGINT, max BIGINT,
            first {_STRUCT}, last {_STRUCT}
        );
        """
        for resolution in RESOLUTIONS
    )

    def fold(self, db: duckdb.DuckDBPyConnection, since: int) -> None:
        finer = f"""
        SELECT device_id, event_type, observed_at - observed_at % {RESOLUTIONS["1m"]} AS start, {_AGGREGATE}
        FROM events WHERE step >= {since} AND value IS NOT NULL GROUP BY ALL
        """
        for resolution, length in RESOLUTIONS.items():
            part = f"rollup_part_{resolution}"
            merged = f"""
            SELECT device_id, event_type, start - start % {length} AS start, {_MERGE_PARTS}
            FROM ({finer}) GROUP BY device_id, event_type, start - start % {length}
            """
            if make_rows(db, part, merged):
                db.execute(f"INSERT INTO rollup_{resolution} FROM {part} ORDER BY start, device_id")
            finer = f"FROM {part}"

    def correct(self, db: duckdb.DuckDBPyConnection, folded: int) -> None:
        low, high = due_bounds(db)
        for resolution, length in RESOLUTIONS.items():
            where = touched_windows(length, low, high)
            add_rows(
                db,
                "changed",
                _CORRECT.format(
                    length=length,
                    aggregate=_AGGREGATE,
                    merge_parts=_MERGE_PARTS,
                    parts=parts(resolution, folded, where),
                    view=f"rollup_{resolution}",
                    fields=list(_FIELDS),
                ),
            )
