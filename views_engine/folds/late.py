"""Which late events matter, found set-wise: only what stirs, or meets an awake device, or precedes such an event."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from views_engine.folds.batch import Before, Rows, Sight, Types
from views_engine.folds.contract import Columns, Key
from views_engine.folds.engine import Checkpoint
from views_engine.folds.history import Span, of_types, stretches, widened
from views_engine.folds.repair import Trigger
from views_engine.folds.roster import Member, Roster
from views_engine.folds.storage import in_turn, key_of, schema, with_rows, with_table

_READS = schema(("unit", pa.utf8()), ("grouping", pa.int32()))

# What the devices hold where these events belong, as far as they do not rest there.
_HELD = """
SELECT late.unit, late.place, held.key, held.state
FROM (SELECT unit, place, device_id, struct_pack(
          observed_at := observed_at, seq := seq, event_type := event_type, event_id := event_id, timeless := timeless
      ) AS key FROM fold_late JOIN fold_reads USING (grouping)
      WHERE unit IN (SELECT unnest($units::VARCHAR[]))) late
ASOF JOIN (
    FROM fold_checkpoints
    WHERE device_id IN (SELECT device_id FROM fold_late) AND unit IN (SELECT unnest($units::VARCHAR[]))
) held ON late.unit = held.unit AND late.device_id = held.device_id AND late.key > held.key
WHERE held.state IS NOT NULL
"""

MOST_ROWS = 1_000_000
"""So many late events, each counted once per unit, are looked at together."""

Grouping = tuple[Types, bool]
"""The types among which a unit reads, and whether it looks back."""

Held = dict[str, dict[int, Checkpoint]]


class Late(NamedTuple):
    """The late events of a grouping, within what surrounds them.

    `places` are the rows that matter: late ones and, for units that look back, those behind them. `former` are the
    columns of rows `followers` as they looked before.
    """

    sight: Sight
    places: NDArray[np.int64]
    followers: NDArray[np.int64]
    former: Columns


class Found(NamedTuple):
    """What a late repair starts with, for one unit and device; `seeds` are the events before its triggers."""

    member: Member
    device_id: str
    triggers: list[Trigger]
    seeds: dict[Key, Before | None]


def find(db: duckdb.DuckDBPyConnection, roster: Roster) -> list[Found]:
    """What the events of `due` may change, unit by unit and device by device."""
    lates: dict[Grouping, Late] = {}
    there = {event_type for (event_type,) in db.execute("SELECT DISTINCT event_type FROM due").fetchall()}
    members = [one for one in roster.members.values() if one.event_types is None or one.event_types & there]
    if not members:
        return []
    for member in members:
        grouping = (member.event_types, member.looks_back)
        if grouping not in lates:
            lates[grouping] = _late(db, *grouping)
    held = _held(db, members, lates)
    return [
        found
        for member in members
        for found in _found(member, lates[member.event_types, member.looks_back], held.get(member.name, {}))
    ]


def _late(db: duckdb.DuckDBPyConnection, event_types: Types, looks_back: bool) -> Late:
    rows = db.execute(
        f"SELECT device_id, min(observed_at), max(observed_at) FROM due WHERE {of_types(event_types)} GROUP BY ALL"
    ).fetchall()
    spans: dict[str, Span] = {device_id: (low, high) for device_id, low, high in rows}
    if not looks_back:
        # The events between late ones are of no interest here, and ranges of nothing hold none.
        batch = stretches(db, event_types, spans, kept=False, payload=False)
        sight = batch.rows(event_types).plain
        none = np.zeros(0, np.int64)
        return Late(sight, np.arange(len(sight.rows), dtype=np.int64), none, _taken(sight.columns, none))
    batch = stretches(db, event_types, widened(db, event_types, spans), payload=False)
    return _with_followers(batch.rows(event_types))


def _with_followers(rows: Rows) -> Late:
    sight = rows.looking_back(lambda _: None)
    late, first = rows.late, np.zeros(len(rows), np.bool_)
    first[rows.bounds[:-1]] = True
    after_late = np.concatenate((np.zeros(min(1, len(late)), np.bool_), late[:-1])) & ~first
    followers = np.flatnonzero(after_late & ~late)
    return Late(sight, np.flatnonzero(late | after_late), followers, _former(sight, followers))


def _former(sight: Sight, followers: NDArray[np.int64]) -> Columns:
    """The followers with the event before them among those that are not late."""
    rows, columns = sight.rows, sight.columns
    starts = rows.bounds[np.searchsorted(rows.bounds, followers, side="right") - 1]
    own = np.where(rows.late, -1, np.arange(len(rows)))
    reach = np.maximum.accumulate(own) if len(own) else own
    before = reach[np.maximum(followers - 1, 0)] if len(followers) else followers
    has = before >= starts
    safe = np.where(has, before, 0)
    value = columns.value[safe]
    value[~has] = np.ma.masked
    return _taken(columns, followers)._replace(
        before_at=np.where(has, columns.observed_at[safe], 0), before_value=value, has_before=has
    )


def _taken(columns: Columns, places: NDArray[np.int64]) -> Columns:
    return Columns(*(None if column is None else column[places] for column in columns))  # type: ignore[arg-type]


def _held(db: duckdb.DuckDBPyConnection, members: Sequence[Member], lates: dict[Grouping, Late]) -> Held:
    """By unit and row, the checkpoint before it, where the device does not rest there."""
    tables = [_keys(number, late) for number, late in enumerate(lates.values())]
    with_table(db, "CREATE OR REPLACE TEMP TABLE fold_late AS FROM {rows}", pa.concat_tables(tables))
    numbers = {grouping: number for number, grouping in enumerate(lates)}
    reads = [(one.name, numbers[one.event_types, one.looks_back]) for one in members]
    with_rows(db, "CREATE OR REPLACE TEMP TABLE fold_reads AS FROM {rows}", _READS, reads)
    found: Held = defaultdict(dict)
    at_once = max(1, MOST_ROWS // max(1, sum(table.num_rows for table in tables)))
    for units in in_turn([one.name for one in members], at_once):
        for unit, place, key, state in db.execute(_HELD, {"units": list(units)}).fetchall():
            found[unit][place] = Checkpoint(key_of(key), state)
    return found


def _keys(number: int, late: Late) -> Any:
    rows = late.sight.rows
    where = pa.array(rows.where[late.places])
    table = rows.batch.table.select(["device_id", *Key._fields]).take(where)
    table = table.append_column("place", pa.array(late.places, type=pa.int64()))
    return table.append_column("grouping", pa.array([number] * len(where), type=pa.int32()))


def _found(member: Member, late: Late, held: dict[int, Checkpoint]) -> Iterator[Found]:
    rows = late.sight.rows
    triggers: defaultdict[int, list[Trigger]] = defaultdict(list)
    seeds: defaultdict[int, dict[Key, Before | None]] = defaultdict(dict)
    for place in _triggering(member, late, held):
        device = int(np.searchsorted(rows.bounds, place, side="right")) - 1
        key = rows.key(place)
        triggers[device].append(Trigger(key, held.get(place)))
        seeds[device][key] = late.sight.before(place)
    for device, own in triggers.items():
        if member.covers(rows.devices[device]):
            yield Found(member, rows.devices[device], own, seeds[device])


def _triggering(member: Member, late: Late, held: dict[int, Checkpoint]) -> Sequence[int]:
    """The rows that stir as they are now, or did before, or find their device awake; rising."""
    now, before = member.stirring(late.sight.columns), member.stirring(late.former)
    stirs = np.zeros(len(late.sight.rows), np.bool_)
    stirs[late.places] = True if now is None else now[late.places]
    stirs[late.followers] |= True if before is None else before
    stirs[list(held)] = True
    found: list[int] = np.flatnonzero(stirs).tolist()
    return found
