"""One SQLite file of the embedded log: how it is opened, shared by threads and processes, and what its errors mean."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from commandline.crash_points import crash_point
from events.log.base import LogUnavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    place INTEGER PRIMARY KEY,
    first_event INTEGER NOT NULL,
    events INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    key TEXT NOT NULL,
    headers BLOB NOT NULL,
    value BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS trimmed (
    shard INTEGER PRIMARY KEY,
    position INTEGER NOT NULL,
    events INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS groups (
    name TEXT NOT NULL,
    shard INTEGER NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    fence INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (name, shard)
) STRICT, WITHOUT ROWID;
"""

_ADVICE: list[tuple[type[apsw.Error], str]] = [
    (apsw.FullError, "the disk is full; free some space and it goes on by itself"),
    (apsw.BusyError, "another process has kept it locked; stop what holds it open (a copy, a shell, a virus scanner)"),
    (apsw.LockedError, "another process has kept it locked; stop what holds it open"),
    (apsw.CorruptError, "the file is damaged; stop everything and restore it from a backup"),
    (apsw.NotADBError, "the file is damaged or is no SQLite file; stop everything and restore it from a backup"),
    (apsw.ReadOnlyError, "the file is read-only; give this user the right to write it and its folder"),
    (apsw.PermissionsError, "this user may not use the file; give it the right to read and write"),
    (apsw.CantOpenError, "the file cannot be opened; see that its folder exists and this user may write there"),
    (apsw.TooBigError, "a record is larger than SQLite can hold; send smaller batches"),
    (apsw.IOError, "the disk reports an error or is full; look at the system's log"),
]


class SqliteFile:
    """Connections to one file, one for each thread; writers of this process queue up, those of others wait in SQLite.

    `shards` is kept in the file: opening it with another number raises LogUnavailable, for the records of a device
    would end up in two shards.
    """

    def __init__(self, path: Path, shards: int, busy_timeout_s: float) -> None:
        self.path = path
        self._shards = shards
        self._busy_timeout_s = busy_timeout_s
        self._writing = threading.Lock()
        self._own = threading.local()
        self._open: list[tuple[int, apsw.Connection]] = []

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        with self._explained():
            yield self._connection()

    @contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """A write transaction: committed and on disk at the end, rolled back by an exception."""
        with self._explained(), self._writing:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                crash_point("log.before_commit")
                connection.execute("COMMIT")
                crash_point("log.after_commit")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Closes the connections of all threads; the next use opens anew."""
        connections, self._open, self._own = self._open, [], threading.local()
        for pid, connection in connections:
            if pid == os.getpid():
                connection.close()

    def _connection(self) -> apsw.Connection:
        # A connection must not be used across a fork, so it is kept with the process it belongs to.
        owner, connection = getattr(self._own, "kept", (0, None))
        if connection is None or owner != os.getpid():
            connection = self._connect()
            self._own.kept = (os.getpid(), connection)
            self._open.append(self._own.kept)
        return connection

    def _connect(self) -> apsw.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _alone(self.path.parent):
                return self._prepared(apsw.Connection(str(self.path)))
        except OSError as error:
            raise LogUnavailable(f"{self.path}: {error.strerror}; see that this user may write there") from error

    def _prepared(self, connection: apsw.Connection) -> apsw.Connection:
        connection.set_busy_handler(self._wait)
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        shards = connection.pragma("user_version")
        if not shards:
            connection.execute(f"BEGIN IMMEDIATE; {_SCHEMA}; PRAGMA user_version = {self._shards}; COMMIT")
        elif shards != self._shards:
            connection.close()
            raise LogUnavailable(
                f"{self.path}: it was made with {shards} shards, not {self._shards}; set log.shards to {shards}"
            )
        return connection

    def _wait(self, attempts: int) -> bool:
        """Waits a little longer each time (1 to 10 ms), as long as the time-out allows."""
        if attempts * 0.01 > self._busy_timeout_s:
            return False
        time.sleep(min(attempts + 1, 10) / 1000)
        return True

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except apsw.Error as error:
            for kind, advice in _ADVICE:
                if isinstance(error, kind):
                    raise LogUnavailable(f"{self.path}: {advice} ({error})") from error
            raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process or thread at a time may open a file: switching to WAL does not wait for others by itself."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
