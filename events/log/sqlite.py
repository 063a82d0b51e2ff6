"""The embedded log: two SQLite files in one folder, shared by all processes of one machine.

`raw.sqlite3` and `ordered.sqlite3` hold one row per record. The positions of the groups live in `ordered.sqlite3`,
beside the outputs they belong to, so that a step's outputs and its position are one SQLite transaction.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self

import apsw
import orjson

from events.log.base import Committed, Entry, Fenced, Head, Record, Topic
from events.log.buffered import Buffered, buffered, by_shard, numbered
from events.log.sqlite_file import SqliteFile

_BITS = 44
"""A record's row number is its shard and its position: 2⁴⁴ positions for each of the 2¹⁹ possible shards."""

MAX_BYTES = 64 * 1024 * 1024
"""A read ends where it would hold more than this, however much was asked for."""

_INSERT = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)"
_READ = (
    "SELECT place, first_event, events, timestamp, key, headers, value FROM records"
    " WHERE place >= ? AND place < ? ORDER BY place LIMIT ?"
)
_LAST = "SELECT place, first_event, events FROM records WHERE place >= ? AND place < ? ORDER BY place DESC LIMIT 1"
_FIRST = "SELECT place, first_event FROM records WHERE place >= ? AND place < ? ORDER BY place LIMIT 1"
_TRIMMED = "SELECT position, events FROM trimmed WHERE shard = ?"
_GROUP = "SELECT position, state FROM groups WHERE name = ? AND shard = ?"
_CLAIM = (
    "INSERT INTO groups (name, shard, fence) VALUES (?, ?, 1)"
    " ON CONFLICT DO UPDATE SET fence = fence + 1 RETURNING fence, position, state"
)


class SqliteLog:
    """See `Log`. Safe for any number of threads and processes; LogUnavailable names the file and what to do."""

    def __init__(self, directory: Path | str, shards: int = 1, *, busy_timeout_s: float = 10) -> None:
        self.shards = shards
        self._files = {
            topic: SqliteFile(Path(directory) / f"{topic}.sqlite3", shards, busy_timeout_s) for topic in Topic
        }
        self._fences: dict[tuple[str, int], int] = {}

    @classmethod
    def from_settings(cls, config: Any, data_dir: Path) -> Self:
        return cls(data_dir / "log", config.log.shards)

    def append(self, topic: Topic, entries: Sequence[Entry]) -> None:
        if sorted_out := by_shard(entries, self.shards):
            with self._files[topic].writing() as connection:
                _insert(connection, sorted_out)

    def read(
        self, topic: Topic, shard: int, position: int, *, max_records: int = 1000, max_events: int = 100_000
    ) -> list[Record]:
        low, high = _bounds(shard)
        with self._files[topic].reading() as connection:
            rows = connection.execute(_READ, (low + max(0, position), high, max(1, max_records)))
            try:
                return _taken(rows, max_events)
            finally:
                rows.close()

    def head(self, topic: Topic, shard: int) -> Head:
        with self._files[topic].reading() as connection:
            return _head(connection, shard)

    def oldest(self, topic: Topic, shard: int) -> Head:
        with self._files[topic].reading() as connection:
            first = _one(connection, _FIRST, *_bounds(shard))
            return Head(first[0] - _bounds(shard)[0], first[1]) if first else _trimmed(connection, shard)

    def claim(self, group: str, shard: int) -> Committed:
        with self._files[Topic.ORDERED].writing() as connection:
            fence, position, state = _one(connection, _CLAIM, group, shard)
        self._fences[group, shard] = fence
        return Committed(position, state)

    def committed(self, group: str, shard: int) -> Committed:
        with self._files[Topic.ORDERED].reading() as connection:
            found = _one(connection, _GROUP, group, shard)
        return Committed(*found) if found else Committed(0, "")

    def transaction(self, group: str, shard: int) -> AbstractContextManager[Buffered]:
        return buffered(lambda gathered: self._write(group, shard, gathered))

    def _write(self, group: str, shard: int, gathered: Buffered) -> None:
        if gathered.outputs.keys() - {Topic.ORDERED}:
            raise ValueError("a transaction writes to the ordered log only; the raw log is another file")
        outputs = by_shard(gathered.outputs.get(Topic.ORDERED, []), self.shards)
        fence = self._fences.get((group, shard))
        with self._files[Topic.ORDERED].writing() as connection:
            asked = "SELECT 1 FROM groups WHERE name = ? AND shard = ? AND fence = ?"
            if not _one(connection, asked, group, shard, fence):
                raise Fenced(f"another process has taken over {group} of shard {shard}")
            _insert(connection, outputs)
            if done := gathered.committed:
                change = "UPDATE groups SET position = ?, state = ? WHERE name = ? AND shard = ?"
                connection.execute(change, (done.position, done.state, group, shard))

    def trim(self, topic: Topic, shard: int, before: int) -> int:
        low, _ = _bounds(shard)
        with self._files[topic].writing() as connection:
            last = _one(connection, _LAST, low, low + max(0, before))
            if not last:
                return 0
            place, first_event, events = last
            keep = "INSERT OR REPLACE INTO trimmed VALUES (?, ?, ?)"
            connection.execute(keep, (shard, place + 1 - low, first_event + events))
            connection.execute("DELETE FROM records WHERE place >= ? AND place <= ?", (low, place))
            return int(connection.changes())

    def close(self) -> None:
        for file in self._files.values():
            file.close()


def _bounds(shard: int) -> tuple[int, int]:
    return shard << _BITS, (shard + 1) << _BITS


def _one(connection: apsw.Connection, statement: str, *values: str | int | None) -> Any:
    """The only row of an answer, or None."""
    rows = connection.execute(statement, values).fetchall()
    return rows[0] if rows else None


def _head(connection: apsw.Connection, shard: int) -> Head:
    last = _one(connection, _LAST, *_bounds(shard))
    return Head(last[0] - _bounds(shard)[0] + 1, last[1] + last[2]) if last else _trimmed(connection, shard)


def _trimmed(connection: apsw.Connection, shard: int) -> Head:
    found = _one(connection, _TRIMMED, shard)
    return Head(*found) if found else Head(0, 0)


def _insert(connection: apsw.Connection, sorted_out: dict[int, list[Entry]]) -> None:
    for shard, entries in sorted_out.items():
        head = _head(connection, shard)
        rows = _rows(_bounds(shard)[0], numbered(entries, head.position, head.events))
        connection.executemany(_INSERT, rows)


def _rows(low: int, entries: Iterable[tuple[int, int, Entry]]) -> Iterable[tuple[Any, ...]]:
    for position, first_event, entry in entries:
        headers = orjson.dumps(dict(entry.headers))
        yield low + position, first_event, entry.events, entry.timestamp, entry.key, headers, entry.value


def _taken(rows: Iterable[tuple[Any, ...]], max_events: int) -> list[Record]:
    """The rows as records, until the next one would make it more than `max_events` events or `MAX_BYTES`."""
    taken: list[Record] = []
    events = size = 0
    for row in rows:
        events, size = events + row[2], size + len(row[6])
        if taken and (events > max_events or size > MAX_BYTES):
            break
        taken.append(_record(row))
    return taken


def _record(row: tuple[Any, ...]) -> Record:
    place, first_event, events, timestamp, key, headers, value = row
    return Record(
        position=place & ((1 << _BITS) - 1),
        value=value,
        timestamp=timestamp,
        events=events,
        first_event=first_event,
        key=key,
        headers=orjson.loads(headers),
    )
