"""What each kind of ordered record does to the store. All of it runs inside the step's transaction."""

from time import perf_counter

import duckdb
import pyarrow as pa

from events.log.base import Record
from events.records import Fate, Kind, Marker, read_batch, read_marker, read_progress
from views_engine.calculator.controls import take
from views_engine.calculator.place import place
from views_engine.calculator.store import COLUMNS, Store
from views_engine.units import UNITS
from views_engine.units.base import CHANGES, ORDER_KEY, one

SECOND_MS = 1000
MINUTE_MS = 60_000
ACTIVITY_IN_FULL_MS = 3_600_000

_COUNT_FATE = """
INSERT INTO fates VALUES (?, ?) ON CONFLICT (fate) DO UPDATE SET count = fates.count + excluded.count
"""

_SIGNS_OF_LIFE = f"""
INSERT INTO devices
SELECT device_id, max({ORDER_KEY}) FILTER (fate = '{Fate.APPLIED}'), max(received_at),
       count(*) FILTER (fate = '{Fate.APPLIED}'), 0
FROM placed GROUP BY device_id
ON CONFLICT (device_id) DO UPDATE SET
    head = coalesce(excluded.head, devices.head),
    last_received_at = greatest(devices.last_received_at, excluded.last_received_at),
    events = devices.events + excluded.events
"""

_LATE_COUNTS = """
INSERT INTO devices
SELECT device_id, NULL, max(received_at), count(*), count(*) FROM due GROUP BY device_id
ON CONFLICT (device_id) DO UPDATE SET
    events = devices.events + excluded.events, late_events = devices.late_events + excluded.late_events
"""

_ACTIVITY = f"""
INSERT INTO activity
SELECT received_at - received_at % {SECOND_MS}, count(*), count(*) FILTER (fate = '{Fate.APPLIED}'),
       count(*) FILTER (fate = '{Fate.PENDING}'), count(*) FILTER (fate = '{Fate.DUPLICATE}')
FROM placed GROUP BY ALL
"""

# A window that did not exist before has nothing to correct but its count.
_CORRECTIONS = """
INSERT INTO corrections
SELECT {first} + row_number() OVER (ORDER BY changed.device_id, view, changed.event_type, start, field),
       changed.device_id, view, changed.event_type, start, field, before, after, {epoch}, {clock},
       {{'device_id': due.device_id, 'event_type': due.event_type, 'observed_at': due.observed_at,
         'event_id': due.event_id}}
FROM changed JOIN due ON due.arrival = changed.cause
WHERE before IS DISTINCT FROM after AND (known OR field IN ('count', 'observed_at'))
"""


def apply(store: Store, record: Record) -> None:
    """Takes one ordered record into the store and moves its standing behind it."""
    kind = Kind(record.headers["kind"])
    if kind is Kind.EVENTS:
        _apply_events(store, record)
    elif kind is Kind.MARKER:
        _apply_marker(store, record, read_marker(record))
    elif kind is Kind.CONTROL:
        take(store, record)
    _account(store, record)


def _apply_events(store: Store, record: Record) -> None:
    db, step = store.connection, record.position
    place(db, pa.Table.from_batches([read_batch(record)]))
    db.execute(f"CREATE OR REPLACE TEMP TABLE applied AS SELECT {COLUMNS} FROM placed WHERE fate = '{Fate.APPLIED}'")
    for unit in UNITS:
        unit.apply(db, step)
    db.execute(f"INSERT INTO events SELECT {COLUMNS}, 'next', {step} FROM applied")
    db.execute(f"INSERT INTO waiting SELECT {COLUMNS} FROM placed WHERE fate = '{Fate.PENDING}'")
    db.execute(_SIGNS_OF_LIFE)
    fates = dict(db.execute("SELECT fate, count(*) FROM placed GROUP BY fate").fetchall())
    fates.pop(Fate.PENDING, None)
    for fate, count in fates.items():
        db.execute(_COUNT_FATE, [fate, count])
    db.execute(_ACTIVITY)


def _apply_marker(store: Store, record: Record, marker: Marker) -> None:
    """Lets the late events in: repairs what they touch, and nothing else, and writes down what numbers changed."""
    began = perf_counter()
    db, standing = store.connection, store.standing
    db.execute("CREATE OR REPLACE TEMP TABLE due AS FROM waiting")
    late, devices, oldest = one(db, "SELECT count(*), count(DISTINCT device_id), min(observed_at) FROM due")
    if not late:
        return
    _repair(db, record.position, standing.folded)
    db.execute(f"INSERT INTO events SELECT {COLUMNS}, 'late', {record.position} FROM due")
    db.execute("DELETE FROM waiting")
    _write_corrections(store, marker.epoch, record.timestamp)
    db.execute(_LATE_COUNTS)
    db.execute(_COUNT_FATE, [Fate.APPLIED_LATE, late])
    seconds = perf_counter() - began
    db.execute(
        "INSERT INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [marker.epoch, record.timestamp, late, devices, oldest, marker.plan, seconds, record.position],
    )
    store.move(epoch=marker.epoch)


def _repair(db: duckdb.DuckDBPyConnection, step: int, folded: int) -> None:
    db.execute(f"CREATE OR REPLACE TEMP TABLE changed ({CHANGES})")
    for unit in UNITS:
        unit.survey(db)
    for unit in UNITS:
        unit.repair(db, step)
    for unit in UNITS:
        unit.correct(db, folded)


def _write_corrections(store: Store, epoch: int, clock: int) -> None:
    first = store.standing.corrections
    store.connection.execute(_CORRECTIONS.format(first=first, epoch=epoch, clock=clock))
    newest = one(store.connection, "SELECT coalesce(max(id), 0) FROM corrections")[0]
    store.move(corrections=max(first, newest))


def _account(store: Store, record: Record) -> None:
    progress = read_progress(record)
    for fate, count in progress.fates.items():
        store.connection.execute(_COUNT_FATE, [fate, count])
    store.move(
        position=record.position + 1,
        clock=max(store.standing.clock, record.timestamp),
        raw=progress.raw,
        raw_events=progress.raw_events,
        ordered_events=record.first_event + record.events,
    )


def fold(store: Store, most_rows: int) -> bool:
    """Folds the newest events into the rollup tables once they are so many that readers would feel them."""
    db, standing = store.connection, store.standing
    rows = one(db, f"SELECT count(*) FROM events WHERE step >= {standing.folded}")[0]
    if rows < most_rows:
        return False
    for unit in UNITS:
        unit.fold(db, standing.folded)
    _thin_out_activity(db, standing.clock - ACTIVITY_IN_FULL_MS)
    store.move(folded=standing.position)
    return True


def forget_corrections(store: Store, keep_ms: int) -> None:
    """Lets go of corrections older than `keep_ms` by the log's clock."""
    store.connection.execute("DELETE FROM corrections WHERE clock < ?", [store.standing.clock - keep_ms])


def _thin_out_activity(db: duckdb.DuckDBPyConnection, before: int) -> None:
    """What came in is known batch by batch for a while, and minute by minute ever after."""
    minute = before - before % MINUTE_MS
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE minutes AS
        SELECT clock - clock % {MINUTE_MS} AS clock, sum(received), sum(applied), sum(late), sum(duplicate)
        FROM activity WHERE clock < {minute} GROUP BY 1 HAVING count(*) > 1
        """
    )
    db.execute(
        f"""
        DELETE FROM activity WHERE clock < {minute} AND clock - clock % {MINUTE_MS} IN (SELECT clock FROM minutes)
        """
    )
    db.execute("INSERT INTO activity FROM minutes")
