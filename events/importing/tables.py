"""CSV and Parquet: record batches into blocks. Cells of CSV are text and stay as they were written."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from events.importing.block import Block, ImportMistake, Source
from events.importing.mapping import MEMBERS, PAYLOAD, Mapping, mapping_of_columns
from events.importing.rows import RowReader

pacsv: Any = pyarrow.csv

BLOCK = 1024 * 1024
ROWS = 8192
_BROKEN = (OSError, pa.ArrowException)


def csv_source(name: str, stream: Any, mapping: Mapping | None, fraction: Callable[[], float]) -> Source:
    head = _read_head(name, stream)
    columns = _header(name, head)
    chosen = _fitting(mapping, columns, name)
    blocks = _csv_blocks(name, _Rejoined(head, stream), chosen)
    return Source(name, filter(len, blocks), fraction, _unused(mapping, columns))


def parquet_source(name: str, file: Path | IO[bytes], mapping: Mapping | None) -> Source:
    try:
        opened = pq.ParquetFile(file)
    except _BROKEN as error:
        raise ImportMistake(f"{name} is not a Parquet file: {error}") from None
    columns = opened.schema_arrow.names
    chosen = _fitting(mapping, columns, name)
    total = max(opened.metadata.num_rows, 1)
    done = [0]

    def blocks() -> Iterator[Block]:
        reader = RowReader(chosen.events)
        for batch in _guarded(name, opened.iter_batches(ROWS, columns=chosen.columns())):
            done[0] += batch.num_rows
            yield reader.block(batch)

    return Source(name, filter(len, blocks()), lambda: done[0] / total, _unused(mapping, columns))


def _csv_blocks(name: str, file: "_Rejoined", mapping: Mapping) -> Iterator[Block]:
    """Rows with too few or too many cells are passed on as they are, behind the events of their batch."""
    strange: list[bytes] = []

    def set_aside(row: pyarrow.csv.InvalidRow) -> str:
        strange.append(row.text.encode("utf-8", "surrogateescape"))
        return "skip"

    reader = RowReader(mapping.events)
    for batch in _guarded(name, _open_csv(file, mapping.columns(), set_aside)):
        good, unreadable = _split_bad_text(batch)
        yield reader.block(good, strange=[*strange, *unreadable])
        strange.clear()
    if strange:
        yield Block(b"\n".join(strange), [None] * len(strange))


def _open_csv(file: "_Rejoined", columns: Sequence[str], set_aside: Callable[[Any], str]) -> Iterator[pa.RecordBatch]:
    batches: Iterator[pa.RecordBatch] = pacsv.open_csv(
        file,
        read_options=pacsv.ReadOptions(use_threads=False, block_size=BLOCK),
        parse_options=pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=set_aside),
        convert_options=pacsv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(columns, pa.string()),
            include_columns=columns,
            strings_can_be_null=False,
        ),
    )
    return batches


def _guarded(name: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches
    except _BROKEN as error:
        raise ImportMistake(f"{name} cannot be read any further: {error}") from None


def _split_bad_text(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, list[bytes]]:
    """The rows that are UTF-8, and the others as bytes, cells joined by commas."""
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid:
        rows = list(zip(*(column.cast(pa.binary()).to_pylist() for column in batch.columns), strict=True))
        readable = [all(map(_is_utf8, row)) for row in rows]
        bad = [b",".join(row) for row, good in zip(rows, readable, strict=True) if not good]
        return batch.filter(pa.array(readable)), bad
    return batch, []


def _is_utf8(cell: bytes) -> bool:
    try:
        cell.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read_head(name: str, stream: Any) -> bytes:
    try:
        head: bytes = stream.read(BLOCK)
    except _BROKEN as error:
        raise ImportMistake(f"{name} cannot be read: {error}") from None
    if not head.strip():
        raise ImportMistake(f"{name} is empty; a CSV file starts with the names of its columns")
    return head


def _header(name: str, head: bytes) -> list[str]:
    try:
        first = head.splitlines()[0].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImportMistake(f"{name} is not UTF-8: its first line cannot be read") from None
    columns = next(csv.reader([first]), [])
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise ImportMistake(f"{name} has more than one column {twice[0]}")
    return columns


def _fitting(mapping: Mapping | None, columns: Sequence[str], name: str) -> Mapping:
    if mapping is None:
        return mapping_of_columns(columns, name)
    mapping.check(columns, name)
    return mapping


def _unused(mapping: Mapping | None, columns: Sequence[str]) -> list[str]:
    """Columns a file without a mapping has for nothing; a mapping says itself what it wants."""
    return [] if mapping else [column for column in columns if column not in (*MEMBERS, *PAYLOAD, "payload")]


class _Rejoined:
    """A stream from its beginning, although its head was already read."""

    closed = False

    def __init__(self, head: bytes, stream: Any) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int = -1) -> bytes:
        if self._head:
            taken, self._head = (self._head, b"") if size < 0 else (self._head[:size], self._head[size:])
            return taken
        read: bytes = self._stream.read(size)
        return read

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True
