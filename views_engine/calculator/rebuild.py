"""Views made again from the events of their own store, in one transaction: readers see the old rows until it ends.

Set-wise units are fed as though all events had come in time, stretch by stretch, and everything is folded at once.
Fold units replay by themselves.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import duckdb

from commandline.crash_points import crash_point
from views_engine.calculator.store import COLUMNS, Store
from views_engine.folds import rebuilding as own
from views_engine.folds.refold import Moment
from views_engine.units import UNITS
from views_engine.units.base import Unit, one

HOUR_MS = 3_600_000
STRETCH_EVENTS = 500_000

_HOURS = f"SELECT observed_at - observed_at % {HOUR_MS} AS hour, count(*) FROM events GROUP BY ALL ORDER BY hour"

Tell = Callable[[int, int], object]
"""Hears how many events are done, and how many there are."""


class NoSuchUnit(ValueError):
    """There is no unit of that name; the message names those there are."""


class Stretch(NamedTuple):
    """Events observed from `low` on and before `high` (ms)."""

    low: int
    high: int
    events: int


def names(db: duckdb.DuckDBPyConnection) -> list[str]:
    """Every unit that can be rebuilt."""
    return [*(unit.name for unit in SET_WISE), *own.names()]


def renew(store: Store) -> None:
    """Makes again what own units of another version have left, before anybody reads it."""
    if own.outdated(store.connection):
        with store.transaction() as db:
            own.rebuild(db, own.outdated(db), _moment(store))


def rebuild(store: Store, wanted: Collection[str] | None = None, *, tell: Tell = lambda done, events: None) -> None:
    """Makes the views of these units (None: of all) again from all events; raises `NoSuchUnit`, and then nothing was
    done.

    A unit is rebuilt along with those whose rows it reads.
    """
    if unknown := sorted(set(wanted or ()) - set(names(store.connection))):
        raise NoSuchUnit(f"there is no unit {unknown[0]!r}; there are {', '.join(names(store.connection))}")
    chosen = [unit for unit in SET_WISE if wanted is None or unit.name in _with_read(wanted)]
    with store.transaction():
        if chosen:
            _rebuild_set_wise(store, chosen, tell)
        own.rebuild(
            store.connection, [name for name in own.names() if wanted is None or name in wanted], _moment(store)
        )
        crash_point("rebuild.before_commit")
    crash_point("rebuild.after_commit")


def _moment(store: Store) -> Moment:
    return Moment(step=store.standing.position, clock=store.standing.clock)


def _with_read(wanted: Collection[str]) -> set[str]:
    return {*wanted, *(name for unit in SET_WISE if unit.name in wanted for name in unit.reads)}


def _rebuild_set_wise(store: Store, chosen: Sequence[Unit], tell: Tell) -> None:
    db, standing = store.connection, store.standing
    # 1. What stays is folded as far as what is rebuilt will be.
    for unit in SET_WISE:
        if unit not in chosen:
            unit.fold(db, standing.folded)
    # 2. New tables in the place of the old.
    for unit in chosen:
        db.execute(unit.schema.replace("CREATE TABLE", "CREATE OR REPLACE TABLE"))
    # 3. Everything, in the order of observation.
    stretches = list(_stretches(db))
    done, events = 0, sum(stretch.events for stretch in stretches)
    for stretch in stretches:
        _feed(db, chosen, stretch, standing.position)
        done += stretch.events
        tell(done, events)
    store.move(folded=standing.position)


def _stretches(db: duckdb.DuckDBPyConnection) -> Iterator[Stretch]:
    """Whole hours of about `STRETCH_EVENTS` events together."""
    low, events = None, 0
    hour = 0
    for hour, count in db.execute(_HOURS).fetchall():
        low, events = hour if low is None else low, events + count
        if events >= STRETCH_EVENTS:
            yield Stretch(low, hour + HOUR_MS, events)
            low, events = None, 0
    if low is not None:
        yield Stretch(low, hour + HOUR_MS, events)


def _feed(db: duckdb.DuckDBPyConnection, chosen: Sequence[Unit], stretch: Stretch, step: int) -> None:
    low, high, _ = stretch
    inside = f"observed_at >= {low} AND observed_at < {high}"
    db.execute(f"CREATE OR REPLACE TEMP TABLE applied AS SELECT {COLUMNS} FROM events WHERE {inside}")
    with _events(db, f"observed_at < {low}"):
        for unit in chosen:
            unit.apply(db, step)
    with _events(db, inside):
        for unit in chosen:
            unit.fold(db, 0)


@contextmanager
def _events(db: duckdb.DuckDBPyConnection, condition: str) -> Iterator[None]:
    """Meanwhile units see as `events` only those that fulfil the condition."""
    (name,) = one(db, "SELECT current_database()")
    db.execute(f'CREATE OR REPLACE TEMP VIEW events AS SELECT * FROM "{name}".main.events WHERE {condition}')
    try:
        yield
    finally:
        db.execute("DROP VIEW temp.events")


SET_WISE: tuple[Unit, ...] = tuple(unit for unit in UNITS if unit.name != "folds")
