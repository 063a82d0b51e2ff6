"""The newest reading of each device and type."""

import duckdb

from views_engine.units.base import TYPE_KEY, SetWise

_TAKE = """
INSERT INTO latest
WITH newest AS (SELECT device_id, event_type, max({key}) AS key FROM {rows} GROUP BY ALL)
SELECT device_id, event_type, key, received_at, value, latitude, longitude, payload
FROM {rows} JOIN newest USING (device_id, event_type) WHERE {key} = newest.key
ON CONFLICT (device_id, event_type) DO UPDATE SET
    key = excluded.key, received_at = excluded.received_at, value = excluded.value,
    latitude = excluded.latitude, longitude = excluded.longitude, payload = excluded.payload
WHERE excluded.key > latest.key
"""

_SURVEY = """
CREATE OR REPLACE TEMP TABLE latest_before AS
WITH touched AS (SELECT device_id, event_type, min(arrival) AS cause FROM due GROUP BY ALL)
SELECT device_id, event_type, cause, key.observed_at AS observed_at, value, latitude, longitude
FROM touched LEFT JOIN latest USING (device_id, event_type)
"""

_CORRECT = """
INSERT INTO changed
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
        received_at BIGINT, value BIGINT, latitude BIGINT, longitude BIGINT, payload VARCHAR,
        PRIMARY KEY (device_id, event_type)
    );
    """

    def apply(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        db.execute(_TAKE.format(rows="applied", key=TYPE_KEY))

    def survey(self, db: duckdb.DuckDBPyConnection) -> None:
        db.execute(_SURVEY)

    def repair(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        db.execute(_TAKE.format(rows="due", key=TYPE_KEY))

    def correct(self, db: duckdb.DuckDBPyConnection, folded: int) -> None:
        db.execute(_CORRECT)
