"""The newest reading of each device and type."""

import duckdb

from views_engine.rows import add_rows, replace_rows
from views_engine.units.base import TYPE_KEY, SetWise

_NEWER = """
WITH newest AS (SELECT device_id, event_type, max({key}) AS key FROM {rows} GROUP BY ALL)
SELECT rows.device_id, rows.event_type, newest.key, rows.received_at, rows.value, rows.latitude, rows.longitude,
       rows.payload
FROM {rows} AS rows JOIN newest USING (device_id, event_type) LEFT JOIN latest USING (device_id, event_type)
WHERE {key} = newest.key AND (latest.key IS NULL OR newest.key > latest.key)
"""

_SURVEY = """
CREATE OR REPLACE TEMP TABLE latest_before AS
WITH touched AS (SELECT device_id, event_type, min(arrival) AS cause FROM due GROUP BY ALL)
SELECT device_id, event_type, cause, key.observed_at AS observed_at, value, latitude, longitude
FROM touched LEFT JOIN latest USING (device_id, event_type)
"""

_CORRECT = """
SELECT device_id, 'latest', event_type, NULL, unnest(['observed_at', 'value', 'latitude', 'longitude']),
       unnest([old.observed_at::DOUBLE, old.value / 1e6, old.latitude / 1e6, old.longitude / 1e6]),
       unnest([key.observed_at::DOUBLE, new.value / 1e6, new.latitude / 1e6, new.longitude / 1e6]),
       cause, old.observed_at IS NOT NULL
FROM latest_before old JOIN latest new USING (device_id, event_type)
"""


class Latest(SetWise):
    name = "latest"
    schema = """
    CREATE TABLE latest (
        device_id VARCHAR, event_type VARCHAR,
        key STRUCT(observed_at BIGINT, seq BIGINT, event_id VARCHAR, timeless BOOLEAN),
        received_at BIGINT, value BIGINT, latitude BIGINT, longitude BIGINT, payload VARCHAR
    );
    """

    def apply(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        _take(db, "applied")

    def survey(self, db: duckdb.DuckDBPyConnection) -> None:
        db.execute(_SURVEY)

    def repair(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        _take(db, "due")

    def correct(self, db: duckdb.DuckDBPyConnection, folded: int) -> None:
        add_rows(db, "changed", _CORRECT)


def _take(db: duckdb.DuckDBPyConnection, rows: str) -> None:
    replace_rows(db, "latest", ("device_id", "event_type"), _NEWER.format(rows=rows, key=TYPE_KEY))
