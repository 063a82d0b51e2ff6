"""What each kind of ordered record does to the store. All of it runs inside the step's transaction."""

import duckdb
import pyarrow as pa

from events.log.base import Record
from events.records import Fate, Kind, read_batch, read_marker, read_progress
from views_engine.calculator.controls import take
from views_engine.calculator.markers import COUNT_FATE, meet
from views_engine.calculator.place import place
from views_engine.calculator.store import COLUMNS, Store
from views_engine.folds.refold import Moment, refold
from views_engine.folds.roster import active
from views_engine.rows import make_rows, replace_rows
from views_engine.units import UNITS
from views_engine.units.base import ORDER_KEY, one

SECOND_MS = 1000
MINUTE_MS = 60_000
ACTIVITY_IN_FULL_MS = 3_600_000

_SIGNS_OF_LIFE = f"""
WITH signs AS (
    SELECT device_id, max({ORDER_KEY}) FILTER (fate = '{Fate.APPLIED}') AS head, max(received_at) AS last_received_at,
           count(*) FILTER (fate = '{Fate.APPLIED}') AS events
    FROM placed GROUP BY device_id
)
SELECT device_id, coalesce(signs.head, devices.head), greatest(devices.last_received_at, signs.last_received_at),
       coalesce(devices.events, 0) + signs.events, coalesce(devices.late_events, 0)
FROM signs LEFT JOIN devices USING (device_id)
"""

_ACTIVITY = f"""
INSERT INTO activity
SELECT received_at - received_at % {SECOND_MS}, count(*), count(*) FILTER (fate = '{Fate.APPLIED}'),
       count(*) FILTER (fate = '{Fate.PENDING}'), count(*) FILTER (fate = '{Fate.DUPLICATE}')
FROM placed GROUP BY ALL
"""


def apply(store: Store, record: Record, *, defers: bool = False) -> None:
    """Takes one ordered record into the store and moves its standing behind it.

    `defers`: a heavy repair is left to a deputy, and its marker held.
    """
    kind = Kind(record.headers["kind"])
    if kind is Kind.EVENTS:
        _apply_events(store, record)
    elif kind is Kind.MARKER:
        meet(store, record, read_marker(record), defers=defers)
    elif kind is Kind.CONTROL:
        _apply_control(store, record)
    _account(store, record)


def _apply_events(store: Store, record: Record) -> None:
    db, step = store.connection, record.position
    place(db, pa.Table.from_batches([read_batch(record)]))
    applied = make_rows(db, "applied", f"SELECT {COLUMNS} FROM placed WHERE fate = '{Fate.APPLIED}'")
    for unit in UNITS:
        unit.apply(db, step)
    if applied:
        db.execute(f"INSERT INTO events SELECT {COLUMNS}, 'next', {step} FROM applied")
    fates = dict(db.execute("SELECT fate, count(*) FROM placed GROUP BY fate").fetchall())
    if fates.pop(Fate.PENDING, 0):
        db.execute(f"INSERT INTO waiting SELECT {COLUMNS}, {step} FROM placed WHERE fate = '{Fate.PENDING}'")
    replace_rows(db, "devices", ("device_id",), _SIGNS_OF_LIFE)
    for fate, count in fates.items():
        db.execute(COUNT_FATE, [fate, count])
    db.execute(_ACTIVITY)


def _apply_control(store: Store, record: Record) -> None:
    """Whatever is decided anew is judged anew, in the same step: the past equals what it would be with the decision."""
    db, moment = store.connection, Moment(record.position, max(store.standing.clock, record.timestamp))
    for concern in take(store, record):
        unit = f"rule:{concern.rule}"
        refold(db, unit, active(db).members.get(unit), concern.device_ids, concern.since, moment)


def _account(store: Store, record: Record) -> None:
    progress = read_progress(record)
    for fate, count in progress.fates.items():
        store.connection.execute(COUNT_FATE, [fate, count])
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
    made = make_rows(
        db,
        "minutes",
        f"""
        SELECT clock - clock % {MINUTE_MS} AS clock, sum(received), sum(applied), sum(late), sum(duplicate)
        FROM activity WHERE clock < {minute} GROUP BY 1 HAVING count(*) > 1
        """,
    )
    if not made:
        return
    db.execute(
        f"""
        DELETE FROM activity WHERE clock < {minute} AND clock - clock % {MINUTE_MS} IN (SELECT clock FROM minutes)
        """
    )
    db.execute("INSERT INTO activity FROM minutes")
