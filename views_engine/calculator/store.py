"""The view store: one DuckDB file with one writer. It is a cache of the ordered log, never the truth.

Every change of it happens inside `Store.transaction`, together with the log position it stands for.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import gettempdir
from typing import Self

import duckdb

SCHEMA_VERSION = 3

_EVENT = """
    device_id VARCHAR, event_type VARCHAR, event_id VARCHAR, seq BIGINT, observed_at BIGINT, received_at BIGINT,
    timeless BOOLEAN, value BIGINT, latitude BIGINT, longitude BIGINT, payload VARCHAR, content BIGINT, arrival BIGINT
"""

COLUMNS = (
    "device_id, event_type, event_id, seq, observed_at, received_at, timeless, value, latitude, longitude, payload, "
    "content, arrival"
)

# `events.step` is the position of the record with which an event joined the set: its own batch, or for a late one the
# epoch marker. It grows with the table, so a condition on it reads only the end of the table. `waiting.position` is
# that of the batch, `held` are the markers that wait.
SCHEMA = f"""
CREATE TABLE standing (
    schema_version INTEGER, position BIGINT, epoch BIGINT, clock BIGINT, raw BIGINT, raw_events BIGINT,
    ordered_events BIGINT, folded BIGINT, corrections BIGINT, controls BIGINT, held BIGINT
);
CREATE TABLE events ({_EVENT}, place VARCHAR, step BIGINT);
CREATE TABLE waiting ({_EVENT}, position BIGINT);
CREATE TABLE held (position BIGINT, epoch BIGINT, clock BIGINT, plan VARCHAR);
CREATE TABLE devices (
    device_id VARCHAR,
    head STRUCT(observed_at BIGINT, seq BIGINT, event_type VARCHAR, event_id VARCHAR, timeless BOOLEAN),
    last_received_at BIGINT, events BIGINT, late_events BIGINT
);
CREATE TABLE fates (fate VARCHAR PRIMARY KEY, count BIGINT);
CREATE TABLE activity (clock BIGINT, received BIGINT, applied BIGINT, late BIGINT, duplicate BIGINT);
CREATE TABLE epochs (
    epoch BIGINT, clock BIGINT, late_events BIGINT, devices BIGINT, oldest_observed_at BIGINT, plan VARCHAR,
    seconds DOUBLE, step BIGINT, corrections BIGINT, first_arrival BIGINT, last_arrival BIGINT
);
CREATE TABLE corrections (
    id BIGINT, device_id VARCHAR, view VARCHAR, event_type VARCHAR, start BIGINT, field VARCHAR,
    before DOUBLE, after DOUBLE, epoch BIGINT, clock BIGINT,
    cause STRUCT(device_id VARCHAR, event_type VARCHAR, observed_at BIGINT, event_id VARCHAR)
);
CREATE TABLE rule_versions (number BIGINT, body VARCHAR);
CREATE TABLE device_facts (number BIGINT, body VARCHAR);
CREATE TABLE unread_controls (number BIGINT, body VARCHAR);
CREATE TABLE knowledge (digest VARCHAR);
"""


CHECKPOINT_AT = "64MB"
"""So long the write-ahead log may become; replaying that much takes about half a second."""

REST_BYTES = 4 << 20
"""From this length on a calculator that has nothing to do writes it into the file."""


class StoreUnusable(Exception):
    """The file cannot serve as a view store; the message says why. It may be set aside and rebuilt from the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a store stands: the named set of events it equals, and how far the logs are accounted for.

    `position` is the next of the ordered log to read, `raw` that of the raw log; `raw_events` and `ordered_events`
    count the events before them. `clock` is the newest receive clock seen (ms). Events whose step is below `folded`
    are in the rollup tables. `controls` is the number of the newest control taken in. `held` is the
    epoch that waits for a handover, 0 when none does.
    """

    schema_version: int = SCHEMA_VERSION
    position: int = 0
    epoch: int = 0
    clock: int = 0
    raw: int = 0
    raw_events: int = 0
    ordered_events: int = 0
    folded: int = 0
    corrections: int = 0
    controls: int = 0
    held: int = 0


_FIELDS = tuple(field.name for field in fields(Standing))
_READ_STANDING = f"SELECT {', '.join(_FIELDS)} FROM standing"
_WRITE_STANDING = f"UPDATE standing SET {', '.join(f'{name} = ?' for name in _FIELDS)}"


def read_standing(connection: duckdb.DuckDBPyConnection) -> Standing:
    rows = connection.execute(_READ_STANDING).fetchall()
    if not rows:
        raise StoreUnusable("the store does not say where it stands")
    return Standing(**dict(zip(_FIELDS, rows[0], strict=True)))


class Store:
    """The writer's side of one view store. `reader()` gives other threads connections of their own."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, schemas: tuple[str, ...], path: Path | None = None
    ) -> None:
        self.connection, self._path = connection, path
        if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'standing'").fetchall():
            self._create(schemas)
        self.standing = read_standing(connection)
        if self.standing.schema_version != SCHEMA_VERSION:
            raise StoreUnusable(
                f"the store has schema {self.standing.schema_version}, this code needs {SCHEMA_VERSION}"
            )

    @classmethod
    def open(
        cls, path: Path | str, schemas: tuple[str, ...] | None = None, *, memory_limit_mb: int = 512, threads: int = 2
    ) -> Self:
        """Opens or creates the store; raises `StoreUnusable` when the file is damaged or held by another process."""
        from views_engine.units import UNITS

        options: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_limit_mb}MB",
            "threads": str(threads),
            "autoinstall_known_extensions": "false",
            "checkpoint_threshold": CHECKPOINT_AT,
        }
        if path == ":memory:":
            options["temp_directory"] = gettempdir()
        else:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        connection = None
        try:
            connection = duckdb.connect(str(path), config=options)
            file = None if path == ":memory:" else Path(path)
            return cls(connection, tuple(unit.schema for unit in UNITS) if schemas is None else schemas, file)
        except (duckdb.Error, StoreUnusable) as error:
            if connection is not None:
                connection.close()
            raise StoreUnusable(f"{path}: {error}") from error

    def _create(self, schemas: tuple[str, ...]) -> None:
        with self._transaction():
            for schema in (SCHEMA, *schemas):
                self.connection.execute(schema)
            marks = ", ".join("?" for _ in _FIELDS)
            standing = Standing()
            self.connection.execute(
                f"INSERT INTO standing ({', '.join(_FIELDS)}) VALUES ({marks})",
                [getattr(standing, name) for name in _FIELDS],
            )

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """All changes of one step, its standing included, or none of them."""
        before = self.standing
        try:
            with self._transaction():
                yield self.connection
                self.connection.execute(_WRITE_STANDING, [getattr(self.standing, name) for name in _FIELDS])
        except BaseException:
            self.standing = before
            raise

    def move(self, **changes: int) -> None:
        """Notes where the store will stand at the end of the running transaction."""
        self.standing = replace(self.standing, **changes)

    def reader(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one other thread, on the same store."""
        return self.connection.cursor()

    def rest(self) -> None:
        """While there is nothing to do: shortens the write-ahead log, which whoever opens the store next replays."""
        if self._path is None:
            return
        wal = self._path.with_name(f"{self._path.name}.wal")
        with suppress(FileNotFoundError, duckdb.TransactionException):  # another write is under way: another time
            if wal.stat().st_size >= REST_BYTES:
                self.connection.execute("CHECKPOINT")

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        self.connection.execute("COMMIT")

    def _roll_back(self) -> None:
        try:
            self.connection.execute("ROLLBACK")
        except duckdb.Error:
            # A fatal error (a full disk) has ended the transaction already; the first error is the one to see.
            return
