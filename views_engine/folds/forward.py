"""Next events through all fold units: conditions set-wise over the batch, Python for awake devices and what stirs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import duckdb
import numpy as np

from views_engine.folds.batch import ORDER, Batch, Rows, Sight, Types, columns_for, seeds_of
from views_engine.folds.engine import Course
from views_engine.folds.history import of_types
from views_engine.folds.passage import Passage
from views_engine.folds.roster import Member, Roster
from views_engine.folds.storage import AT_REST, Standing, Writes, read_states

# The newest events of each device before those of this batch: `latest` does not know them yet.
_NEWEST = f"""
SELECT device_id, event_type, key.event_id AS event_id, key.seq AS seq, key.observed_at AS observed_at,
       key.timeless AS timeless, value, latitude, longitude, '' AS payload
FROM latest WHERE device_id IN (SELECT device_id FROM applied) ORDER BY {ORDER}
"""


def take_next(db: duckdb.DuckDBPyConnection, roster: Roster, step: int) -> None:
    """Takes relation `applied` through all units."""
    batch = Batch(
        db.sql(
            f"SELECT {columns_for(roster.reads_payload)} FROM applied "
            f"WHERE {of_types(roster.event_types)} ORDER BY {ORDER}"
        ).to_arrow_table()
    )
    if not len(batch):
        return
    states = read_states(db, "applied")
    sights = _looking_back(db, batch, roster.looking_back)
    writes = Writes()
    for name, member in roster.members.items():
        sight = sights[member.event_types] if member.looks_back else batch.rows(member.event_types).plain
        if not len(sight.rows):
            continue
        _take(member, sight, states.get(name, {}), writes)
    if writes.any:
        clock = db.execute("SELECT max(received_at) FROM applied").fetchall()[0][0]
        writes.write(db, step=step, epoch=0, clock=clock)


def candidates(rows: Rows, passage: Passage, awake: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """The devices for which Python has something to do, each with its first row and the one after its last."""
    if passage.stirring is None:
        places = list(range(len(rows.devices)))
    else:
        held = set(awake)
        found = set((np.searchsorted(rows.bounds, passage.stirring, side="right") - 1).tolist())
        places = sorted(found.union(place for place, device_id in enumerate(rows.devices) if device_id in held))
    bounds = rows.bounds.tolist()
    for place in places:
        yield rows.devices[place], bounds[place], bounds[place + 1]


def passage_of(member: Member, sight: Sight) -> Passage:
    return Passage(member, sight.columns, sight.reading)


def _take(member: Member, sight: Sight, awake: Mapping[str, Standing], writes: Writes) -> None:
    passage = passage_of(member, sight)
    for device_id, start, end in candidates(sight.rows, passage, awake):
        if not member.covers(device_id):
            continue
        before = awake.get(device_id, AT_REST)
        course = Course(member, before.held, before.taken)
        passage.feed(course, device_id, start, end)
        pair = (member.name, device_id)
        writes.leave(pair, course)
        writes.stand(pair, member, course.held, course.taken, before)


def _looking_back(db: duckdb.DuckDBPyConnection, batch: Batch, groups: Sequence[Types]) -> dict[Types, Sight]:
    if not groups:
        return {}
    newest = Batch(db.sql(_NEWEST).to_arrow_table())
    return {
        types: batch.rows(types).looking_back(seeds_of(newest.rows(types).last(), batch.rows(types)))
        for types in groups
    }
