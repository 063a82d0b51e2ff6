"""Puts what replays came to in the place of what was stored, and says which numbers that changed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import duckdb
import msgspec
import pyarrow as pa

from views_engine.folds.contract import Key
from views_engine.folds.engine import Made, Shown
from views_engine.folds.replays import Replayed
from views_engine.folds.storage import AT_REST, KEPT, KEY_TYPE, Pair, Writes, key_of, read_states, schema, with_rows

_RANGES = schema(("unit", pa.utf8()), ("device_id", pa.utf8()), ("first", KEY_TYPE), ("last", KEY_TYPE))

_WITHIN = """
{table}.unit = fold_ranges.unit AND {table}.device_id = fold_ranges.device_id AND {table}.key >= fold_ranges.first
AND (fold_ranges.last IS NULL OR {table}.key <= fold_ranges.last)
"""

_ARRIVALS = """
SELECT device_id, struct_pack(observed_at := observed_at, seq := seq, event_type := event_type, event_id := event_id,
                              timeless := timeless) AS key, arrival
FROM due WHERE device_id IN (SELECT device_id FROM fold_ranges) ORDER BY device_id, key
"""


class Change(NamedTuple):
    """One number of one row that late events changed; `cause` is the arrival of the one to blame."""

    device_id: str
    view: str
    event_type: str | None
    start: int
    field: str
    before: float | None
    after: float | None
    cause: int


class _Rows(NamedTuple):
    """Rows of one pair by when they begin; the key says which late event may be to blame."""

    by_start: dict[tuple[int, int], tuple[Key | None, str]]

    @classmethod
    def of(cls, made: Sequence[Made], shown: Shown | None) -> "_Rows":
        found: dict[tuple[int, int], tuple[Key | None, str]] = {}
        rows = [*((row.since, row.key, row.body) for row in made), *([(shown[0], None, shown[1])] if shown else [])]
        for since, key, body in rows:
            n = 0
            while (since, n) in found:
                n += 1
            found[since, n] = key, body
        return cls(found)


def patch(db: duckdb.DuckDBPyConnection, replayed: Sequence[Replayed], *, step: int, epoch: int) -> list[Change]:
    """Replaces exactly what was replayed; what changed by that, in numbers."""
    ranges = [
        (*one.pair, one_patch.first._asdict(), None if one_patch.last is None else one_patch.last._asdict())
        for one in replayed
        for one_patch in one.patches
    ]
    if not ranges:
        return []
    with_rows(db, "CREATE OR REPLACE TEMP TABLE fold_ranges AS FROM {rows}", _RANGES, ranges)
    former, states = _former(db), read_states(db, "fold_ranges")
    _forget(db)
    writes, changes, arrivals = Writes(), list[Change](), _arrivals(db)
    for one in replayed:
        before = states.get(one.member.name, {}).get(one.device_id, AT_REST)
        old = former.get(one.pair, [])
        new = [row for one_patch in one.patches for row in one_patch.made]
        was, now = before.shown, before.shown
        for one_patch in one.patches:
            writes.add(one.pair, one_patch.checkpoints, one_patch.made, one_patch.faults)
            if one_patch.last is None:
                writes.stand(one.pair, one.member, one_patch.held, one_patch.taken, before)
                now = one.member.showing(one_patch.held)
        if old == new and was == now:
            writes.touched.discard(one.pair)
            continue
        writes.touched.add(one.pair)
        changes += _changes(one.pair, _Rows.of(old, was), _Rows.of(new, now), arrivals[one.device_id])
    clock = db.execute("SELECT max(received_at) FROM due").fetchall()[0][0]
    writes.write(db, step=step, epoch=epoch, clock=clock)
    return changes


def _former(db: duckdb.DuckDBPyConnection) -> Mapping[Pair, list[Made]]:
    """The rows that stood where now others will."""
    found: defaultdict[Pair, list[Made]] = defaultdict(list)
    within = _WITHIN.format(table="fold_outputs")
    for unit, device_id, key, n, since, body in db.execute(
        f"SELECT fold_outputs.* FROM fold_outputs JOIN fold_ranges ON {within} ORDER BY ALL"
    ).fetchall():
        found[unit, device_id].append(Made(key_of(key), n, since, body))
    return found


def _forget(db: duckdb.DuckDBPyConnection) -> None:
    for table in KEPT:
        db.execute(f"DELETE FROM {table} USING fold_ranges WHERE {_WITHIN.format(table=table)}")


def _arrivals(db: duckdb.DuckDBPyConnection) -> Mapping[str, list[tuple[Key, int]]]:
    """The late events of each device by their order, with their arrivals."""
    found: defaultdict[str, list[tuple[Key, int]]] = defaultdict(list)
    for device_id, key, arrival in db.execute(_ARRIVALS).fetchall():
        found[device_id].append((key_of(key), arrival))
    return found


def _changes(pair: Pair, old: _Rows, new: _Rows, late: Sequence[tuple[Key, int]]) -> Iterator[Change]:
    unit, device_id = pair
    for start in sorted({*old.by_start, *new.by_start}):
        key, was = old.by_start.get(start, (None, None))
        later, now = new.by_start.get(start, (None, None))
        if was == now:
            continue
        before, after = numbers_of(unit, was), numbers_of(unit, now)
        cause = _to_blame(late, later or key)
        for field in dict.fromkeys((*before, *after)):
            yield Change(device_id, *view_of(unit), start[0], field, before.get(field), after.get(field), cause)


def _to_blame(late: Sequence[tuple[Key, int]], key: Key | None) -> int:
    """The last late event up to the row's own; of a row still in the making, the last one."""
    found = [arrival for at, arrival in late if key is None or at <= key]
    return found[-1] if found else late[0][1]


RULE = "rule:"
_IN_MILLIONTHS = "value"
_OF_ALERTS = ("raised_at", "cleared_at", "value")


def view_of(unit: str) -> tuple[str, str | None]:
    """Under which view and type the corrections of a unit go: alerts by their rule."""
    return ("alerts", unit.removeprefix(RULE)) if unit.startswith(RULE) else (f"unit:{unit}", None)


def numbers_of(unit: str, body: str | None) -> dict[str, float | None]:
    """The numbers in a row; those of an alert in the units of their type, times in ms."""
    if body is None:
        return {}
    fields = msgspec.json.decode(body)
    if unit.startswith(RULE):
        found = {name: fields.get(name) for name in _OF_ALERTS}
        value = found[_IN_MILLIONTHS]
        return {**found, _IN_MILLIONTHS: None if value is None else value / 1e6}
    return {
        name: float(value)
        for name, value in fields.items()
        if isinstance(value, int | float) and type(value) is not bool
    }
