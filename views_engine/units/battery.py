"""How fast batteries drain and how many days they have left, calculated when it is read from a table of readings.

Least squares over the last 7 days of a device's battery readings, since its last charge. Everything up to the last
division is exact: sums of whole numbers in SQL, fractions in Python.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import duckdb

from views_engine.rows import add_rows
from views_engine.units.base import TYPE_KEY, SetWise

WINDOW_MS = 7 * 86_400_000
CHARGE = 5_000_000
"""A rise by so many millionths of a percent between consecutive readings is a charge."""

DAY_MS = 86_400_000
FEWEST_READINGS = 3

# Times count from the newest reading, so that the sums of squares stay small.
_SUMS = f"""
WITH newest AS (
    SELECT device_id, key.observed_at AS head, value AS latest FROM latest
    WHERE event_type = 'battery' AND {{wanted}}
), readings AS (
    SELECT device_id, head, latest, observed_at - head AS t, value AS v, {TYPE_KEY} AS key,
           value - lag(value) OVER (PARTITION BY device_id ORDER BY observed_at, seq, event_id, timeless) AS rise
    FROM battery_readings JOIN newest USING (device_id) WHERE observed_at >= head - {WINDOW_MS}
), charges AS (
    SELECT device_id, max(key) FILTER (rise >= {CHARGE}) AS charged FROM readings GROUP BY device_id
)
SELECT device_id, count(*) AS n, sum(t::HUGEINT) AS t, sum(t::HUGEINT * t) AS tt, sum(v::HUGEINT) AS v,
       sum(t::HUGEINT * v) AS tv, any_value(latest) AS latest
FROM readings JOIN charges USING (device_id) WHERE charged IS NULL OR key >= charged
GROUP BY device_id ORDER BY device_id
"""


class Trend(NamedTuple):
    """`latest` is in millionths of a percent; the others are null where the readings do not tell."""

    device_id: str
    readings: int
    percent_per_day: float | None
    days_left: float | None
    latest: int


def trends(db: duckdb.DuckDBPyConnection, device_ids: Sequence[str] | None = None) -> list[Trend]:
    """The trend of every device that has sent its battery, or of those asked for, by device."""
    wanted = "true" if device_ids is None else "device_id IN (SELECT unnest(?::VARCHAR[]))"
    arguments = [] if device_ids is None else [list(device_ids)]
    return [_trend(*row) for row in db.execute(_SUMS.format(wanted=wanted), arguments).fetchall()]


def _trend(device_id: str, n: int, t: int, tt: int, v: int, tv: int, latest: int) -> Trend:  # noqa: PLR0913
    spread = n * tt - t * t
    if n < FEWEST_READINGS or spread == 0:
        return Trend(device_id, n, None, None, latest)
    per_day = Fraction(n * tv - t * v, spread) * DAY_MS / 1_000_000
    days_left = float(Fraction(latest, 1_000_000) / -per_day) if per_day < 0 else None
    return Trend(device_id, n, float(per_day), days_left, latest)


_TAKE = """
SELECT device_id, observed_at, seq, event_id, timeless, value FROM {rows} WHERE event_type = 'battery'
"""

_FORGET = f"""
DELETE FROM battery_readings USING latest
WHERE latest.device_id = battery_readings.device_id AND latest.event_type = 'battery'
  AND observed_at < latest.key.observed_at - {WINDOW_MS}
"""


class Battery(SetWise):
    name = "battery"

    def __init__(self) -> None:
        # What the survey of the epoch at hand found, for the corrections that follow it.
        self._causes: dict[str, int] = {}
        self._before: dict[str, Trend] = {}

    schema = """
    CREATE TABLE battery_readings (
        device_id VARCHAR, observed_at BIGINT, seq BIGINT, event_id VARCHAR, timeless BOOLEAN, value BIGINT
    );
    """

    def apply(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        add_rows(db, "battery_readings", _TAKE.format(rows="applied"))

    def repair(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        add_rows(db, "battery_readings", _TAKE.format(rows="due"))

    def fold(self, db: duckdb.DuckDBPyConnection, since: int) -> None:
        """A device's newest reading only moves on: what lies too far behind it can never matter again."""
        db.execute(_FORGET)

    def survey(self, db: duckdb.DuckDBPyConnection) -> None:
        late = "SELECT device_id, min(arrival) FROM due WHERE event_type = 'battery' GROUP BY device_id"
        self._causes = dict(db.execute(late).fetchall())
        self._before = {trend.device_id: trend for trend in self._affected(db)}

    def correct(self, db: duckdb.DuckDBPyConnection, folded: int) -> None:
        rows = [row for after in self._affected(db) for row in self._changes(after)]
        if rows:
            db.execute(
                "INSERT INTO changed SELECT unnest(?::VARCHAR[]), 'battery', 'battery', NULL, unnest(?::VARCHAR[]), "
                "unnest(?::DOUBLE[]), unnest(?::DOUBLE[]), unnest(?::BIGINT[]), true",
                [list(column) for column in zip(*rows, strict=True)],
            )

    def _affected(self, db: duckdb.DuckDBPyConnection) -> list[Trend]:
        return trends(db, list(self._causes)) if self._causes else []

    def _changes(self, after: Trend) -> list[tuple[str, str, float | None, float | None, int]]:
        before = self._before.get(after.device_id)
        return [
            (after.device_id, field, getattr(before, field, None), getattr(after, field), self._causes[after.device_id])
            for field in ("percent_per_day", "days_left")
        ]
