"""What an epoch marker does to the store: it lets late events in and repairs what they touch, now or once released.

All of it runs inside a transaction of the store.
"""

from time import perf_counter

import duckdb

from commandline.crash_points import crash_point
from events.log.base import Record
from events.records import Fate, Marker
from views_engine.calculator.epochs import Choice, Held, oldest, on_marker, owed
from views_engine.calculator.store import COLUMNS, Store
from views_engine.rows import add_rows, replace_rows
from views_engine.units import UNITS
from views_engine.units.base import CHANGES, one

COUNT_FATE = """
INSERT INTO fates VALUES (?, ?) ON CONFLICT (fate) DO UPDATE SET count = fates.count + excluded.count
"""

_DUE = """
SELECT count(*), count(DISTINCT device_id), min(observed_at), min(arrival), max(arrival) FROM due
"""

_LATE_COUNTS = """
WITH late AS (SELECT device_id, max(received_at) AS received_at, count(*) AS events FROM due GROUP BY device_id)
SELECT device_id, head, coalesce(last_received_at, late.received_at), coalesce(devices.events, 0) + late.events,
       coalesce(late_events, 0) + late.events
FROM late LEFT JOIN devices USING (device_id)
"""

# A window that did not exist before has nothing to correct but its count.
_CORRECTIONS = """
SELECT {first} + row_number() OVER (ORDER BY changed.device_id, view, changed.event_type, start, field),
       changed.device_id, view, changed.event_type, start, field, before, after, {epoch}, {clock},
       {{'device_id': due.device_id, 'event_type': due.event_type, 'observed_at': due.observed_at,
         'event_id': due.event_id}}
FROM changed JOIN due ON due.arrival = changed.cause
WHERE before IS DISTINCT FROM after AND (known OR field IN ('count', 'observed_at'))
"""


def meet(store: Store, record: Record, marker: Marker, *, defers: bool) -> None:
    """Lets in the late events that came before this marker, or holds it; one that lets nothing in does nothing."""
    at = Held(record.position, marker.epoch, record.timestamp, marker.plan)
    held = held_by(store) if store.standing.held else []
    store.connection.execute("DELETE FROM due")
    if not _waits_for(store.connection, held):
        return
    if on_marker(holding=bool(held), plan=marker.plan, defers=defers) is Choice.REPAIR:
        let_in(store, at, step=record.position)
    else:
        store.connection.execute("INSERT INTO held VALUES (?, ?, ?, ?)", list(at))
        store.move(held=owed([*held, at]))


def release(store: Store) -> None:
    """Lets in what waits for the oldest marker that is held."""
    held = held_by(store)
    marker = oldest(held)
    # Events of this step join the newest ones: those before `folded` are in the rollup tables already.
    let_in(store, marker, step=max(marker.position, store.standing.folded))
    store.connection.execute("DELETE FROM held WHERE position = ?", [marker.position])
    store.move(held=owed([one for one in held if one != marker]))


def held_by(store: Store) -> list[Held]:
    """The markers that are held, in their order."""
    rows = store.connection.execute("SELECT position, epoch, clock, plan FROM held ORDER BY position").fetchall()
    return [Held(*row) for row in rows]


def let_in(store: Store, marker: Held, *, step: int) -> None:
    """Repairs what the late events before this marker touch, and nothing else; writes down what numbers changed."""
    began = perf_counter()
    db, standing = store.connection, store.standing
    db.execute(f"CREATE OR REPLACE TEMP TABLE due AS SELECT {COLUMNS} FROM waiting WHERE position < {marker.position}")
    late, devices, since, first, last = one(db, _DUE)
    db.execute(f"SET VARIABLE epoch = {marker.epoch}")
    _repair(db, step, standing.folded)
    db.execute(f"INSERT INTO events SELECT {COLUMNS}, 'late', {step} FROM due")
    db.execute("DELETE FROM waiting WHERE position < ?", [marker.position])
    corrections = _write_corrections(store, marker)
    replace_rows(db, "devices", ("device_id",), _LATE_COUNTS)
    db.execute(COUNT_FATE, [Fate.APPLIED_LATE, late])
    seconds = perf_counter() - began
    db.execute(
        "INSERT INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [marker.epoch, marker.clock, late, devices, since, marker.plan, seconds, step, corrections, first, last],
    )
    store.move(epoch=marker.epoch)
    crash_point("calculator.late_let_in")


def _waits_for(db: duckdb.DuckDBPyConnection, held: list[Held]) -> bool:
    """Whether late events came since the newest marker that is held."""
    since = max((marker.position for marker in held), default=-1)
    return bool(one(db, f"SELECT count(*) FROM waiting WHERE position > {since}")[0])


def _repair(db: duckdb.DuckDBPyConnection, step: int, folded: int) -> None:
    db.execute(f"CREATE OR REPLACE TEMP TABLE changed ({CHANGES})")
    for unit in UNITS:
        unit.survey(db)
    for unit in UNITS:
        unit.repair(db, step)
    for unit in UNITS:
        unit.correct(db, folded)


def _write_corrections(store: Store, marker: Held) -> int:
    """How many numbers changed."""
    first = store.standing.corrections
    add_rows(store.connection, "corrections", _CORRECTIONS.format(first=first, epoch=marker.epoch, clock=marker.clock))
    newest: int = max(first, one(store.connection, "SELECT coalesce(max(id), 0) FROM corrections")[0])
    store.move(corrections=newest)
    return newest - first
