"""Folds devices anew from some moment on, out of the kept events: after a decision that changes what a unit says.

What a unit held before that moment stands, so the work is what was observed since, and Python sees what stirs of it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import duckdb
import pyarrow as pa

from views_engine.folds.batch import ORDER, Batch, Before, Rows, columns_for, seeds_of
from views_engine.folds.engine import RESTING, Course, Held
from views_engine.folds.forward import candidates, passage_of
from views_engine.folds.history import FOREVER, REACHES_MS, of_types
from views_engine.folds.roster import Member
from views_engine.folds.storage import AT_REST, KEPT, KEY_TYPE, Standing, Writes, read_states, schema, with_rows

FIRST_SPAN_MS = 3_600_000
FEW_ROWS, MANY_ROWS = 100_000, 500_000
"""Windows of time grow while they hold few events, and shrink when they hold many."""

_KEY = (
    "struct_pack(observed_at := {0}observed_at, seq := {0}seq, event_type := {0}event_type, "
    "event_id := {0}event_id, timeless := {0}timeless)"
)
_WANTED = schema(("device_id", pa.utf8()), ("low", pa.int64()), ("held", pa.binary()), ("behind", KEY_TYPE))
_AFTER = "{at} >= refolding.low AND (refolding.behind IS NULL OR {key} > refolding.behind)"
_AFTER_KEY = _AFTER.format(at="key.observed_at", key="key")
_AFTER_EVENT = _AFTER.format(at="events.observed_at", key=_KEY.format("events."))

_LAST_CHECKPOINTS = """
SELECT device_id, max(key), arg_max(state, key) FILTER (state IS NOT NULL),
       max(key) FILTER (state IS NOT NULL) = max(key) AS awake
FROM fold_checkpoints WHERE unit = ? AND key.observed_at < ? GROUP BY device_id
"""

_BEFORE = """
SELECT events.device_id, max(struct_pack(
    observed_at := observed_at, seq := seq, event_type := event_type, event_id := event_id, timeless := timeless,
    value := value)) AS newest
FROM events JOIN refolding USING (device_id)
WHERE {types} AND events.observed_at >= {floor} AND NOT ({after})
AND events.device_id IN (SELECT unnest(?::VARCHAR[])) GROUP BY ALL
"""


class Moment(NamedTuple):
    """The record that makes it necessary: its position, and the receive clock (ms)."""

    step: int
    clock: int


def refold(
    db: duckdb.DuckDBPyConnection,
    unit: str,
    member: Member | None,
    device_ids: Sequence[str] | None,
    since: int,
    moment: Moment,
) -> None:
    """Makes everything of a unit and these devices (None: all) anew that speaks of `since` (ms) or later.

    `member` is the unit as it is now; None for one that is no more.
    """
    reach = getattr(member.unit, "reach_ms", 0) if member else 0
    starts = _starts(db, unit, max(since - reach, -FOREVER), device_ids)
    with_rows(db, "CREATE OR REPLACE TEMP TABLE refolding AS FROM {rows}", _WANTED, starts)
    standing = read_states(db, "refolding").get(unit, {})
    writes = Writes()
    writes.touched = {(unit, device_id) for device_id in _forget(db, unit)}
    courses = _replayed(db, member, writes, moment) if member else {}
    _stand(unit, member, standing, courses, writes)
    if not member:
        db.execute("DELETE FROM fold_states WHERE unit = ?", [unit])
    writes.write(db, step=moment.step, epoch=0, clock=moment.clock)


def _starts(
    db: duckdb.DuckDBPyConnection, unit: str, since: int, device_ids: Sequence[str] | None
) -> list[tuple[str, int, Held, dict[str, object] | None]]:
    """Where to begin with each device: at `since` where it rests there, else behind its last checkpoint before it."""
    last = {
        device_id: (key, held) if awake else None
        for device_id, key, held, awake in db.execute(_LAST_CHECKPOINTS, [unit, since]).fetchall()
    }
    known = [device_id for (device_id,) in db.execute("SELECT device_id FROM devices ORDER BY 1").fetchall()]
    wanted = known if device_ids is None else sorted(set(device_ids) & set(known))
    found: list[tuple[str, int, Held, dict[str, object] | None]] = []
    for device_id in wanted:
        key, held = last.get(device_id) or (None, RESTING)
        found.append((device_id, since if key is None else key["observed_at"], held, key))
    return found


def _forget(db: duckdb.DuckDBPyConnection, unit: str) -> list[str]:
    """Lets go of all that will be made anew; the devices that had rows there."""
    had = db.execute(
        f"SELECT DISTINCT device_id FROM fold_outputs JOIN refolding USING (device_id) WHERE unit = ? AND {_AFTER_KEY}",
        [unit],
    ).fetchall()
    for table in KEPT:
        where = f"{table}.unit = ? AND {table}.device_id = refolding.device_id AND {_AFTER_KEY}"
        db.execute(f"DELETE FROM {table} USING refolding WHERE {where}", [unit])
    return [device_id for (device_id,) in had]


def _replayed(db: duckdb.DuckDBPyConnection, member: Member, writes: Writes, moment: Moment) -> dict[str, Course]:
    """What became of each device for which there was something to do."""
    awake = db.execute("SELECT device_id, held FROM refolding WHERE held IS NOT NULL").fetchall()
    courses = {device_id: Course(member, held) for device_id, held in awake}
    wanted = _wanted(db, member)
    before = _before(db, member, wanted) if member.looks_back else {}
    for batch in _windows(db, columns_for(member.reads_payload), wanted):
        rows = batch.rows(member.event_types)
        _take(member, rows, courses, before, writes)
        if member.looks_back:
            before.update(_newest(rows))
        if writes.many:
            writes.write(db, step=moment.step, epoch=0, clock=moment.clock)
    return courses


def _wanted(db: duckdb.DuckDBPyConnection, member: Member) -> str:
    """SQL of the events to be taken; a constant spares it all that lies before the first of them."""
    ((lowest,),) = db.execute("SELECT coalesce(min(low), 0) FROM refolding").fetchall()
    types = of_types(member.event_types)
    return f"""
    FROM events JOIN refolding USING (device_id)
    WHERE {types} AND events.observed_at >= {lowest} AND {_AFTER_EVENT}
    """


def _before(db: duckdb.DuckDBPyConnection, member: Member, wanted: str) -> dict[str, Before]:
    """The event before the first that is taken, of each device that has one to take; near ones are found quickly."""
    missing = {device_id for (device_id,) in db.execute(f"SELECT DISTINCT device_id {wanted}").fetchall()}
    ((lowest,),) = db.execute("SELECT coalesce(min(low), 0) FROM refolding").fetchall()
    found: dict[str, Before] = {}
    for reach in REACHES_MS:
        floor = -FOREVER if reach is None else max(lowest - reach, -FOREVER)
        sql = _BEFORE.format(types=of_types(member.event_types), after=_AFTER_EVENT, floor=floor)
        rows = db.execute(sql, [sorted(missing)]).fetchall() if missing else []
        found.update((device_id, (newest["observed_at"], newest["value"])) for device_id, newest in rows)
        missing -= found.keys()
    return found


def _take(member: Member, rows: Rows, courses: dict[str, Course], before: dict[str, Before], writes: Writes) -> None:
    sight = rows.looking_back(seeds_of(before, rows)) if member.looks_back else rows.plain
    passage = passage_of(member, sight)
    awake = [device_id for device_id, course in courses.items() if course.held is not RESTING]
    for device_id, start, end in candidates(rows, passage, awake):
        if member.covers(device_id):
            course = courses.setdefault(device_id, Course(member))
            passage.feed(course, device_id, start, end)
            writes.leave((member.name, device_id), course)


def _windows(db: duckdb.DuckDBPyConnection, columns: str, wanted: str) -> Iterator[Batch]:
    """The events to be taken, window by window; memory holds one of them."""
    ((begin, newest),) = db.execute(f"SELECT min(observed_at), max(observed_at) {wanted}").fetchall()
    span = FIRST_SPAN_MS
    while begin is not None and begin <= newest:
        end = min(begin + span, newest + 1)
        within = f"observed_at >= {begin} AND observed_at < {end}"
        batch = Batch(db.sql(f"SELECT {columns} {wanted} AND {within} ORDER BY {ORDER}").to_arrow_table())
        yield batch
        span = span * 2 if len(batch) < FEW_ROWS else max(1, span // 2) if len(batch) > MANY_ROWS else span
        begin = end


def _newest(rows: Rows) -> Iterator[tuple[str, Before]]:
    columns, ends = rows.columns, (rows.bounds[1:] - 1).tolist()
    at, value = columns.observed_at[ends].tolist(), columns.value[ends].tolist()
    yield from zip(rows.devices, zip(at, value, strict=True), strict=True)


def _stand(
    unit: str, member: Member | None, standing: dict[str, Standing], courses: dict[str, Course], writes: Writes
) -> None:
    """What every device that held something, or does now, holds from now on."""
    for device_id in sorted(standing.keys() | courses.keys()):
        pair, before = (unit, device_id), standing.get(device_id, AT_REST)
        if member is None:
            writes.touched |= {pair} if before.shown else set()
            continue
        course = courses.get(device_id)
        held, taken = (RESTING, 0) if course is None else (course.held, course.taken)
        writes.stand(pair, member, held, taken, before)
