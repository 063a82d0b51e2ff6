"""Forms of an answer: JSON objects for pages, and CSV, NDJSON and Parquet as streams of any length."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from views_engine.api.columns import written_times

Tables = Iterator[pa.Table]
Writer = Callable[[pa.Schema, Tables], Iterator[bytes]]
_ROW_GROUP = 128 * 1024


def objects(table: pa.Table) -> list[dict[str, Any]]:
    """The rows as objects that `orjson` writes: times as text, JSON columns embedded as they are."""
    rows: list[dict[str, Any]] = written_times(table).to_pylist()
    for field in table.schema:
        if field.metadata and b"json" in field.metadata:
            for row in rows:
                if row[field.name] is not None:
                    row[field.name] = orjson.Fragment(row[field.name])
    return rows


def ndjson(schema: pa.Schema, tables: Tables) -> Iterator[bytes]:
    """One line per row, the same objects as in `results` of a page."""
    for table in tables:
        for piece in table.to_batches(max_chunksize=4096):
            rows = objects(pa.Table.from_batches([piece]))
            yield b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def csv(schema: pa.Schema, tables: Tables) -> Iterator[bytes]:
    """A header line and one line per row; members of nested objects are columns named `first.latitude`."""
    yield _csv(schema.empty_table(), header=True)
    for table in tables:
        yield _csv(table, header=False)


def _csv(table: pa.Table, *, header: bool) -> bytes:
    flat = written_times(table).flatten()
    sink = io.BytesIO()
    pyarrow.csv.write_csv(flat, sink, pyarrow.csv.WriteOptions(include_header=header))
    return sink.getvalue()


def parquet(schema: pa.Schema, tables: Tables) -> Iterator[bytes]:
    """A Parquet file with row groups of about 128 k rows: only one of them is held at a time."""
    sink = _Sink()
    with pyarrow.parquet.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for group in _grouped(tables):
            writer.write_table(group)
            yield sink.take()
    yield sink.take()


def _grouped(tables: Tables) -> Tables:
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(one.num_rows for one in waiting) >= _ROW_GROUP:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


class _Sink(io.RawIOBase):
    """A file that is written at one end while its bytes are taken away at the other."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        self._written += len(part)
        return len(part)

    def tell(self) -> int:
        return self._written

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


STREAMS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv; charset=utf-8", csv),
    "ndjson": ("application/x-ndjson", ndjson),
    "parquet": ("application/vnd.apache.parquet", parquet),
}
"""Media type and writer of each streamed format."""
