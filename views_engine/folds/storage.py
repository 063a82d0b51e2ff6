"""Where a store keeps what fold units need: what devices hold, checkpoints, rows, faults, and which pairs changed."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from views_engine.folds.contract import Key
from views_engine.folds.engine import RESTING, Checkpoint, Course, Fault, Folder, Held, Made, Shown
from views_engine.rows import replace_rows

_KEY = "STRUCT(observed_at BIGINT, seq BIGINT, event_type VARCHAR, event_id VARCHAR, timeless BOOLEAN)"

# A state is NULL while its device rests, and empty once it was set aside. `since` and `body` are the row it shows.
# `fold_touched` says when rows of a pair changed last: by a record (step), and by a repair (epoch).
SCHEMA = f"""
CREATE TABLE fold_units (unit VARCHAR PRIMARY KEY, version BIGINT);
CREATE TABLE fold_states (
    unit VARCHAR, device_id VARCHAR, state BLOB, taken INTEGER, since BIGINT, body VARCHAR
);
CREATE TABLE fold_checkpoints (unit VARCHAR, device_id VARCHAR, key {_KEY}, state BLOB);
CREATE TABLE fold_outputs (unit VARCHAR, device_id VARCHAR, key {_KEY}, n INTEGER, since BIGINT, body VARCHAR);
CREATE TABLE fold_faults (unit VARCHAR, device_id VARCHAR, key {_KEY}, reason VARCHAR, clock BIGINT);
CREATE TABLE fold_touched (unit VARCHAR, device_id VARCHAR, epoch BIGINT, step BIGINT);
"""

KEPT = ("fold_checkpoints", "fold_outputs", "fold_faults")
"""Tables whose rows belong to one reading each."""

_KEY_FIELDS: Any = [
    ("observed_at", pa.int64()),
    ("seq", pa.int64()),
    ("event_type", pa.utf8()),
    ("event_id", pa.utf8()),
    ("timeless", pa.bool_()),
]
KEY_TYPE: Any = pa.struct(_KEY_FIELDS)
_PAIR: Any = [("unit", pa.utf8()), ("device_id", pa.utf8())]
_CHECKPOINTS = pa.schema([*_PAIR, ("key", KEY_TYPE), ("state", pa.binary())])
_OUTPUTS = pa.schema([*_PAIR, ("key", KEY_TYPE), ("n", pa.int32()), ("since", pa.int64()), ("body", pa.utf8())])
_FAULTS = pa.schema([*_PAIR, ("key", KEY_TYPE), ("reason", pa.utf8()), ("clock", pa.int64())])
_STATES = pa.schema([*_PAIR, ("state", pa.binary()), ("taken", pa.int32()), ("since", pa.int64()), ("body", pa.utf8())])
_TOUCHED = pa.schema(_PAIR)

_TOUCH = """
SELECT unit, device_id, greatest({epoch}, coalesce(old.epoch, {epoch})), greatest({step}, coalesce(old.step, {step}))
FROM fold_rows LEFT JOIN fold_touched old USING (unit, device_id)
"""

_AWAKE = """
SELECT unit, device_id, state, taken, since, body FROM fold_states
WHERE state IS NOT NULL AND device_id IN (SELECT device_id FROM {among})
"""


def schema(*fields: tuple[str, Any]) -> Any:
    """The Arrow schema of these names and types."""
    return pa.schema(list(fields))


MANY_ROWS = 100_000


class Standing(NamedTuple):
    """What a device that does not rest holds and shows."""

    held: Held
    taken: int
    shown: Shown | None


AT_REST = Standing(RESTING, 0, None)
Pair = tuple[str, str]
"""A unit's name and a device."""


def read_states(db: duckdb.DuckDBPyConnection, among: str) -> dict[str, dict[str, Standing]]:
    """By unit and device, what the devices in relation `among` hold; those that rest are left out."""
    found: dict[str, dict[str, Standing]] = {}
    for unit, device_id, state, taken, since, body in db.execute(_AWAKE.format(among=among)).fetchall():
        shown = None if body is None else Shown(since, body)
        found.setdefault(unit, {})[device_id] = Standing(state, taken, shown)
    return found


class Writes:
    """What a step does to the tables, gathered over all units and devices and then written in bulk."""

    def __init__(self) -> None:
        self.states: list[tuple[Any, ...]] = []
        self.checkpoints: list[tuple[Any, ...]] = []
        self.outputs: list[tuple[Any, ...]] = []
        self.faults: list[tuple[Any, ...]] = []
        self.touched: set[Pair] = set()

    @property
    def any(self) -> bool:
        return bool(self.checkpoints or self.outputs or self.faults or self.states or self.touched)

    @property
    def many(self) -> bool:
        """Whether it is time to write what long histories leave behind."""
        return len(self.checkpoints) + len(self.outputs) > MANY_ROWS

    def leave(self, pair: Pair, course: Course) -> None:
        """Takes over what the course left behind."""
        self.add(pair, course.checkpoints, course.made, course.faults)
        course.checkpoints, course.made, course.faults = [], [], []

    def add(self, pair: Pair, checkpoints: Iterable[Checkpoint], made: Sequence[Made], faults: Iterable[Fault]) -> None:
        self.checkpoints += [(*pair, one.key._asdict(), one.held) for one in checkpoints]
        self.outputs += [(*pair, row.key._asdict(), row.n, row.since, row.body) for row in made]
        self.faults += [(*pair, fault.key._asdict(), fault.reason) for fault in faults]
        if made:
            self.touched.add(pair)

    def stand(self, pair: Pair, folder: Folder, held: Held, taken: int, before: Standing) -> None:
        """Notes what a device holds now; its showing changed where it shows something else than before."""
        shown = None if held is RESTING else folder.showing(held)
        if (held, taken, shown) == before:
            return
        self.states.append((*pair, held, taken, *(shown or (None, None))))
        if shown != before.shown:
            self.touched.add(pair)

    def write(self, db: duckdb.DuckDBPyConnection, *, step: int, epoch: int, clock: int) -> None:
        """Writes everything, and forgets it."""
        _insert(db, "INSERT INTO fold_checkpoints FROM {rows}", _CHECKPOINTS, self.checkpoints)
        _insert(db, "INSERT INTO fold_outputs FROM {rows}", _OUTPUTS, self.outputs)
        _insert(db, "INSERT INTO fold_faults FROM {rows}", _FAULTS, [(*fault, clock) for fault in self.faults])
        _replace(db, "fold_states", "FROM fold_rows", _STATES, self.states)
        _replace(db, "fold_touched", _TOUCH.format(epoch=epoch, step=step), _TOUCHED, sorted(self.touched))
        for rows in (self.checkpoints, self.outputs, self.faults, self.states, self.touched):
            rows.clear()


def with_rows(db: duckdb.DuckDBPyConnection, sql: str, schema: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    """Runs SQL that reads these rows as the relation `{rows}`."""
    with_table(db, sql, _table(schema, rows))


def with_table(db: duckdb.DuckDBPyConnection, sql: str, table: Any) -> None:
    """Runs SQL that reads an Arrow table as the relation `{rows}`."""
    with _registered(db, table):
        db.execute(sql.format(rows="fold_rows"))


def _insert(db: duckdb.DuckDBPyConnection, sql: str, schema: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with_rows(db, sql, schema, rows)


def _replace(
    db: duckdb.DuckDBPyConnection, table: str, query: str, schema: Any, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Puts what the query makes of these rows, `fold_rows`, in the place of what was kept of their pairs."""
    if rows:
        with _registered(db, _table(schema, rows)):
            replace_rows(db, table, ("unit", "device_id"), query)


def _table(schema: Any, rows: Sequence[tuple[Any, ...]]) -> Any:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(list(column), type=field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


@contextmanager
def _registered(db: duckdb.DuckDBPyConnection, table: Any) -> Iterator[None]:
    db.register("fold_rows", table)
    try:
        yield
    finally:
        db.unregister("fold_rows")


def in_turn(names: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """The names, so many at a time."""
    return (names[start : start + most] for start in range(0, len(names), most))


def key_of(struct: dict[str, Any]) -> Key:
    return Key(**struct)
