"""One segment file: the rows of many ordered records with their positions, and what else the records hold beside them.

Rows are the columns of `EVENTS` and `position`, so that any reader of Parquet can ask them. Everything else of a
record (kind, timestamp, headers, the value of markers) lies in the file's metadata under `records`: a file gives back
exactly the records it was made of.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path
from zlib import compress, decompress
from zlib import error as ZlibError

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from events.log.base import Record
from events.records import EVENTS, Kind, batch_value, read_batch

ROWS = EVENTS.append(pa.field("position", pa.int64(), nullable=False))
ROW_GROUP = 100_000
_KEY = "records"


class Damaged(Exception):
    """A segment is not what was written; the message names it and says what to do."""


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """A record without its rows; `value` is that of records which are no batches."""

    position: int
    timestamp: int
    events: int
    first_event: int
    key: str
    headers: dict[str, str]
    value: bytes


_kept = msgspec.msgpack.Decoder(list[Kept])


def write_file(path: Path, records: Iterable[Record]) -> list[Kept]:
    """Writes a segment of these records, which follow each other, in bounded memory; returns what they are."""
    kept: list[Kept] = []
    waiting: list[pa.RecordBatch] = []
    with pq.ParquetWriter(path, ROWS, compression="zstd", store_schema=True) as writer:
        for record in records:
            kept.append(_without_rows(record))
            if record.headers["kind"] == Kind.EVENTS:
                waiting.append(_rows(record))
            if sum(batch.num_rows for batch in waiting) >= ROW_GROUP:
                writer.write_table(_together(waiting), row_group_size=ROW_GROUP)
                waiting = []
        if waiting:
            writer.write_table(_together(waiting), row_group_size=ROW_GROUP)
        writer.add_key_value_metadata({_KEY: _packed(kept)})
    return kept


class SegmentFile:
    """A segment that was fetched; `name` is for messages. Raises Damaged for what is no segment."""

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        try:
            self._file = pq.ParquetFile(pa.BufferReader(content))
            self._records = _unpacked(self._file.schema_arrow.metadata, self._file.metadata.metadata)
        except (pa.ArrowException, KeyError, ValueError, msgspec.MsgspecError, ZlibError, OSError) as error:
            raise Damaged(f"segment {name} cannot be read: {error}; {REMEDY}") from error
        self._starts = _row_starts(self._records)
        self._groups = _group_starts(self._file.metadata)
        self._loaded: tuple[int, pa.Table] | None = None

    def read(self, position: int, *, max_records: int, max_events: int) -> list[Record]:
        """Records from `position` on, within the limits of `Log.read`."""
        first = max(0, position - self._records[0].position)
        taken: list[Record] = []
        events = 0
        for index in range(first, min(first + max_records, len(self._records))):
            events += self._records[index].events
            if taken and events > max_events:
                break
            taken.append(self._record(index))
        return taken

    def _record(self, index: int) -> Record:
        kept = self._records[index]
        return Record(
            position=kept.position,
            value=kept.value if kept.headers["kind"] != Kind.EVENTS else batch_value(self._batch(index)),
            timestamp=kept.timestamp,
            events=kept.events,
            first_event=kept.first_event,
            key=kept.key,
            headers=kept.headers,
        )

    def _batch(self, index: int) -> pa.RecordBatch:
        start, count = self._starts[index], self._records[index].events
        pieces = []
        for group, (low, high) in enumerate(self._groups):
            if low < start + count and start < high:
                begin = max(start, low)
                pieces.append(self._group(group).slice(begin - low, min(start + count, high) - begin))
        return _one_batch(pa.concat_tables(pieces))

    def _group(self, group: int) -> pa.Table:
        if self._loaded is None or self._loaded[0] != group:
            self._loaded = group, self._file.read_row_group(group, columns=EVENTS.names)
        return self._loaded[1]


REMEDY = "restore it from a backup of the object storage, or let the log be read instead"


def _without_rows(record: Record) -> Kept:
    is_batch = record.headers["kind"] == Kind.EVENTS
    return Kept(
        record.position,
        record.timestamp,
        record.events,
        record.first_event,
        record.key,
        dict(record.headers),
        b"" if is_batch else record.value,
    )


def _rows(record: Record) -> pa.RecordBatch:
    batch = read_batch(record)
    positions = pa.repeat(pa.scalar(record.position, pa.int64()), batch.num_rows)
    return pa.RecordBatch.from_arrays([*batch.columns, positions], schema=ROWS)


def _together(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    return pa.Table.from_batches(batches, ROWS).unify_dictionaries()


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    columns = [table.column(field.name).combine_chunks() for field in EVENTS]
    return pa.RecordBatch.from_arrays(columns, schema=EVENTS)


def _packed(kept: list[Kept]) -> str:
    return b64encode(compress(msgspec.msgpack.encode(kept))).decode()


def _unpacked(*metadata: dict[bytes, bytes] | None) -> list[Kept]:
    found = {name: value for each in metadata for name, value in (each or {}).items()}
    return _kept.decode(decompress(b64decode(found[_KEY.encode()])))


def _row_starts(records: Sequence[Kept]) -> list[int]:
    starts, rows = [], 0
    for record in records:
        starts.append(rows)
        rows += record.events
    return starts


def _group_starts(metadata: pq.FileMetaData) -> list[tuple[int, int]]:
    bounds, low = [], 0
    for group in range(metadata.num_row_groups):
        high = low + metadata.row_group(group).num_rows
        bounds.append((low, high))
        low = high
    return bounds
