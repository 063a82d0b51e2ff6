"""Next events through all fold units: conditions set-wise over the batch, Python for awake devices and what stirs."""

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import numpy as np
from numpy.typing import NDArray

from views_engine.folds.batch import COLUMNS, ORDER, Batch, Rows, Sight, Types, seeds_of
from views_engine.folds.engine import Course, feed
from views_engine.folds.history import of_types
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
        db.sql(f"SELECT {COLUMNS} FROM applied WHERE {of_types(roster.event_types)} ORDER BY {ORDER}").to_arrow_table()
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


def candidates(rows: Rows, stirring: NDArray[np.int64] | None, awake: Sequence[str]) -> Iterator[int]:
    """The places of devices for which Python has something to do."""
    if stirring is None:
        yield from range(len(rows.devices))
        return
    places = np.searchsorted(rows.bounds, stirring, side="right") - 1
    found = np.unique(places)
    if awake:
        held = set(awake)
        more = [place for place, device_id in enumerate(rows.devices) if device_id in held]
        found = np.union1d(found, np.array(more, dtype=np.int64))
    yield from found.tolist()


def stretch(rows: Rows, place: int, stirring: NDArray[np.int64] | None) -> tuple[int, int, list[int] | None]:
    """Where the rows of a device begin and end, and the positions in between that stir."""
    start, end = int(rows.bounds[place]), int(rows.bounds[place + 1])
    if stirring is None:
        return start, end, None
    low, high = np.searchsorted(stirring, (start, end)).tolist()
    return start, end, (stirring[low:high] - start).tolist()


def stirring_rows(member: Member, sight: Sight) -> NDArray[np.int64] | None:
    mask = member.stirring(sight.columns)
    return None if mask is None else np.flatnonzero(mask)


def _take(member: Member, sight: Sight, awake: Mapping[str, Standing], writes: Writes) -> None:
    rows, stirring = sight.rows, stirring_rows(member, sight)
    for place in candidates(rows, stirring, list(awake)):
        device_id = rows.devices[place]
        if not member.covers(device_id):
            continue
        before = awake.get(device_id, AT_REST)
        start, end, positions = stretch(rows, place, stirring)
        course = Course(member, before.held, before.taken)
        feed(course, sight.readings(start, end), positions)
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
