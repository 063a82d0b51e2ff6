"""Where each event of a batch belongs in its device's history: next, late, or seen before.

Place is judged against what this store holds and nothing else, so every replica that reads the same log decides alike.
"""

from collections import defaultdict
from typing import NamedTuple

import duckdb
import pyarrow as pa

from events.event import TIMELESS_WINDOW_MS
from events.records import Fate
from views_engine.calculator.store import COLUMNS
from views_engine.rows import add_rows
from views_engine.units.base import ORDER_KEY, one

SCHEMA = f"""
CREATE OR REPLACE TEMP TABLE copies (arrival BIGINT, same BOOLEAN);
CREATE OR REPLACE TEMP VIEW placed AS
SELECT batch.*, copies.same, CASE
    WHEN aside IS NOT NULL THEN aside
    WHEN same THEN '{Fate.DUPLICATE}'
    WHEN NOT same THEN '{Fate.CONFLICT}'
    WHEN ahead THEN '{Fate.APPLIED}'
    ELSE '{Fate.PENDING}' END AS fate
FROM batch LEFT JOIN copies USING (arrival);
"""

_IDENTITY = "device_id, event_type, observed_at, event_id, timeless"

# What lies ahead of everything known of its device cannot have been seen, unless it ties with the newest event.
_BATCH = f"""
CREATE OR REPLACE TEMP TABLE batch AS
SELECT arriving.*,
       aside IS NULL AND (head IS NULL OR {ORDER_KEY} > head) AS ahead,
       aside IS NULL AND coalesce(observed_at <= head.observed_at, false) AS suspect,
       aside IS NULL AND timeless AND event_id <> concat('arrival.', arriving.arrival) AS named
FROM arriving LEFT JOIN devices USING (device_id)
"""

_SUSPECTS = """
SELECT count(*) FILTER (suspect), min(observed_at) FILTER (suspect), max(observed_at) FILTER (suspect),
       count(*) FILTER (named)
FROM batch
"""

_SEEN = f"""
SELECT batch.arrival, batch.content = kept.content
FROM batch JOIN (
    SELECT {_IDENTITY}, content FROM events WHERE observed_at BETWEEN {{low}} AND {{high}}
    UNION ALL
    SELECT {_IDENTITY}, content FROM waiting
) kept USING ({_IDENTITY})
WHERE suspect AND NOT named
"""

_REPEATED = f"""
WITH fresh AS (FROM batch ANTI JOIN copies USING (arrival) WHERE aside IS NULL AND NOT named),
first AS (
    SELECT {_IDENTITY}, min(arrival) AS arrival, arg_min(content, arrival) AS content
    FROM fresh GROUP BY ALL HAVING count(*) > 1
)
SELECT fresh.arrival, fresh.content = first.content
FROM fresh JOIN first USING ({_IDENTITY}) WHERE fresh.arrival > first.arrival
"""

_NAMED = """
SELECT device_id, event_type, event_id, received_at, content, arrival FROM batch WHERE named ORDER BY arrival
"""

_KEPT_NAMED = f"""
WITH wanted AS (
    SELECT device_id, event_type, event_id, min(received_at) - {TIMELESS_WINDOW_MS} AS low,
           max(received_at) + {TIMELESS_WINDOW_MS} AS high
    FROM batch WHERE named GROUP BY ALL
)
SELECT device_id, event_type, event_id, kept.received_at, kept.content FROM (
    SELECT device_id, event_type, event_id, timeless, received_at, content, arrival FROM events
    WHERE timeless AND observed_at >= (SELECT min(low) FROM wanted) AND observed_at <= (SELECT max(high) FROM wanted)
    UNION ALL
    SELECT device_id, event_type, event_id, timeless, received_at, content, arrival FROM waiting WHERE timeless
) kept JOIN wanted USING (device_id, event_type, event_id) ORDER BY arrival
"""


class Kept(NamedTuple):
    received_at: int
    content: int


def place(db: duckdb.DuckDBPyConnection, arriving: pa.Table) -> None:
    """Makes relation `placed` of the batch: its events with `fate`, one of the ledger's; `pending` are the late ones.

    `arriving` has the columns of `events.records.EVENTS`.
    """
    db.register("arriving", arriving)
    db.execute(_BATCH)
    db.unregister("arriving")
    db.execute("DELETE FROM copies")
    suspects, low, high, named = one(db, _SUSPECTS)
    if suspects:
        add_rows(db, "copies", _SEEN.format(low=low, high=high))
    if named:
        _place_named(db)
    add_rows(db, "copies", _REPEATED)


def _place_named(db: duckdb.DuckDBPyConnection) -> None:
    """Events sent with an id but without a time: the same id within 24 hours of a kept one is that event again."""
    kept: defaultdict[tuple[str, str, str], list[Kept]] = defaultdict(list)
    for device_id, event_type, event_id, received_at, content in db.execute(_KEPT_NAMED).fetchall():
        kept[device_id, event_type, event_id].append(Kept(received_at, content))
    copies: list[tuple[int, bool]] = []
    for device_id, event_type, event_id, received_at, content, arrival in db.execute(_NAMED).fetchall():
        known = kept[device_id, event_type, event_id]
        twin = next((one for one in known if abs(one.received_at - received_at) <= TIMELESS_WINDOW_MS), None)
        if twin is None:
            known.append(Kept(received_at, content))
        else:
            copies.append((arrival, twin.content == content))
    if copies:
        arrivals, same = zip(*copies, strict=True)
        db.execute("INSERT INTO copies SELECT unnest(?::BIGINT[]), unnest(?::BOOLEAN[])", [list(arrivals), list(same)])


def relations(db: duckdb.DuckDBPyConnection) -> None:
    """The relations that units read: `applied` of the batch just placed, and `due` of the epoch marker at hand."""
    db.execute(f"CREATE OR REPLACE TEMP TABLE due AS SELECT {COLUMNS} FROM waiting LIMIT 0")
    db.execute(f"CREATE OR REPLACE TEMP TABLE applied AS SELECT {COLUMNS} FROM waiting LIMIT 0")
    db.execute(
        "CREATE OR REPLACE TEMP TABLE batch AS SELECT *, NULL::VARCHAR AS aside, true AS ahead FROM waiting LIMIT 0"
    )
    db.execute(SCHEMA)
