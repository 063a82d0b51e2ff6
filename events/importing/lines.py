"""NDJSON: lines go into the log as they are; only the device id is looked at."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import orjson
import pyarrow as pa

from events.importing.block import Block, ImportMistake, Source
from events.importing.mapping import Mapping
from events.importing.rows import RowReader, Texts

CHUNK = 1024 * 1024
"""Bytes read at once: some thousand lines, which become one record of the raw log."""

LONGEST_LINE = 32 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_TWO_OBJECTS = re.compile(rb"\}[ \t\r]*\{")


class _Head(msgspec.Struct, gc=False):
    device_id: str


_heads = msgspec.json.Decoder(_Head)


def ndjson_source(name: str, stream: Any, mapping: Mapping | None, fraction: Callable[[], float]) -> Source:
    chunks = _chunks(name, stream)
    if mapping is None:
        return Source(name, filter(len, map(block_of, chunks)), fraction)
    return Source(name, filter(len, _mapped(chunks, mapping)), fraction)


def block_of(chunk: bytes) -> Block:
    """The block of whole lines; blank ones are left out. About 0.2 µs a line, more where a line is not an event."""
    try:
        heads = _heads.decode_lines(chunk)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _line_by_line(chunk)
    text = chunk.rstrip(b"\n")
    if len(heads) != text.count(b"\n") + 1 or _TWO_OBJECTS.search(chunk):
        return _line_by_line(chunk)
    return Block(text, [head.device_id for head in heads])


def device_of(line: bytes) -> str | None:
    """The device a line names, or None if it cannot be read."""
    try:
        return _heads.decode(line).device_id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _line_by_line(chunk: bytes) -> Block:
    lines = [line for line in chunk.split(b"\n") if not line.isspace() and line]
    return Block(b"\n".join(lines), [device_of(line) for line in lines])


def _chunks(name: str, stream: Any) -> Iterator[bytes]:
    """Whole lines, about `CHUNK` bytes at a time."""
    rest = b""
    for number, read in enumerate(_reads(name, stream)):
        data = rest + (read.removeprefix(_BOM) if number == 0 else read)
        end = data.rfind(b"\n") + 1
        if end:
            yield data[:end]
        rest = data[end:]
        if len(rest) > LONGEST_LINE:
            raise ImportMistake(f"{name} has a line of more than {LONGEST_LINE >> 20} MiB; is it NDJSON?")
    if rest:
        yield rest


def _reads(name: str, stream: Any) -> Iterator[bytes]:
    while True:
        try:
            read: bytes = stream.read(CHUNK)
        except (OSError, pa.ArrowInvalid) as error:
            raise ImportMistake(f"{name} cannot be read any further: {error}") from None
        if not read:
            return
        yield read


def _mapped(chunks: Iterator[bytes], mapping: Mapping) -> Iterator[Block]:
    """Lines that are no JSON objects are passed on as they are, behind the events of their chunk."""
    columns = mapping.columns()
    reader = RowReader(mapping.events)
    for chunk in chunks:
        rows, strange = _objects(chunk)
        table = pa.RecordBatch.from_arrays([_column(rows, column) for column in columns], names=columns)
        yield reader.block(table, strange=strange)


def _objects(chunk: bytes) -> tuple[list[dict[str, Any]], list[bytes]]:
    rows: list[dict[str, Any]] = []
    strange: list[bytes] = []
    for line in filter(None, map(bytes.strip, chunk.split(b"\n"))):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            row = None
        rows.append(row) if isinstance(row, dict) else strange.append(line)
    return rows, strange


def _column(rows: Sequence[dict[str, Any]], column: str) -> Texts:
    """A member as text, where a dot leads into nested objects; what is no text is written as JSON."""
    return pa.array([_text(_member(row, column)) for row in rows], type=pa.string())


def _member(row: dict[str, Any], column: str) -> Any:
    if column in row:
        return row[column]
    value: Any = row
    for name in column.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
