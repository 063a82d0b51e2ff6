"""What travels in the logs: raw records, and the ordered log's batches, epoch markers, clock stamps and controls.

A raw record holds one JSON event per line (`format=ndjson`) as it was sent. Its header `source` says by which way it
came; what came through a door of ours (`door`, `import`, `replay`) is known to name known devices.

An ordered record carries in its headers: `kind`, `raw` (the raw position read so far), `raw_events` (the raw events
before it), and `fates` (JSON: how many events ended at the reformer, by fate). Its timestamp is the receive clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any

import msgspec
import pyarrow as pa

from events.controls import Control, read_controls, write_controls
from events.fates import Fate as Fate
from events.log.base import Entry, Record

_text = pa.dictionary(pa.int32(), pa.utf8())

EVENTS = pa.schema(
    [
        pa.field("device_id", pa.utf8(), nullable=False),
        pa.field("event_type", _text, nullable=False),
        pa.field("event_id", pa.utf8(), nullable=False),
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("observed_at", pa.int64(), nullable=False),
        pa.field("received_at", pa.int64(), nullable=False),
        pa.field("timeless", pa.bool_(), nullable=False),
        pa.field("value", pa.int64()),
        pa.field("latitude", pa.int64()),
        pa.field("longitude", pa.int64()),
        pa.field("payload", pa.utf8(), nullable=False),
        pa.field("content", pa.int64(), nullable=False),
        pa.field("arrival", pa.int64(), nullable=False),
        pa.field("aside", _text),
    ]
)
"""One row per well-formed event, by (device_id, order key). Numbers are canonical, times milliseconds since 1970.

`seq` is -1 where none was sent. `arrival` counts the raw events of the shard from 0. `aside` is null, or the fate
(`future`, `too_old`) of an event that was set aside: a sign of life, and nothing else.
"""


class Source(StrEnum):
    DOOR = "door"
    IMPORT = "import"
    REPLAY = "replay"
    DIRECT = "direct"


class Kind(StrEnum):
    EVENTS = "events"
    MARKER = "marker"
    CLOCK = "clock"
    CONTROL = "control"


class Marker(msgspec.Struct, frozen=True):
    """An epoch marker: from here on the past of this shard is the one with these late events in it."""

    epoch: int
    late_events: int
    devices: int
    oldest_observed_at: int | None
    plan: str = "inline"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the raw log is accounted for: the next raw position, the raw events before it, fates by count."""

    raw: int
    raw_events: int
    fates: Mapping[str, int]


_IPC = pa.ipc.IpcWriteOptions(compression="lz4")
_fates = msgspec.json.Decoder(dict[str, int])


def raw_entry(lines: Sequence[bytes], *, shard: int, received_at: int, source: Source, key: str = "") -> Entry:
    """A raw record of these JSON lines; none of them may contain a line feed."""
    return Entry(
        shard=shard,
        key=key,
        value=b"\n".join(lines),
        timestamp=received_at,
        events=len(lines),
        headers={"format": "ndjson", "source": source},
    )


def batch_entry(batch: pa.RecordBatch, *, shard: int, at: int, progress: Progress) -> Entry:
    """An ordered record of one event batch with schema `EVENTS`."""
    return Entry(
        shard=shard,
        value=batch_value(batch),
        timestamp=at,
        events=batch.num_rows,
        headers=_headers(Kind.EVENTS, progress),
    )


def batch_value(batch: pa.RecordBatch) -> bytes:
    """The batch as an Arrow IPC stream, as ordered records hold it; the same bytes for the same rows."""
    columns = [_normal(column) for column in batch.columns]
    sink = BytesIO()
    with pa.ipc.new_stream(sink, batch.schema, options=_IPC) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=batch.schema))
    return sink.getvalue()


def _normal(column: Any) -> Any:
    """Dictionaries hold what is used, in the order of its use."""
    if not pa.types.is_dictionary(column.type):
        return column
    return column.cast(column.type.value_type).dictionary_encode()


def marker_entry(marker: Marker, *, shard: int, at: int, progress: Progress) -> Entry:
    return Entry(
        shard=shard,
        value=msgspec.json.encode(marker),
        timestamp=at,
        events=0,
        headers=_headers(Kind.MARKER, progress),
    )


def clock_entry(*, shard: int, at: int, progress: Progress) -> Entry:
    return Entry(shard=shard, value=b"", timestamp=at, events=0, headers=_headers(Kind.CLOCK, progress))


def control_entry(controls: Sequence[Control], *, shard: int, at: int, progress: Progress) -> Entry:
    """An ordered record of what people decided; numbers rise within it and from record to record."""
    return Entry(
        shard=shard,
        value=write_controls(controls),
        timestamp=at,
        events=0,
        headers=_headers(Kind.CONTROL, progress),
    )


def read_batch(record: Record) -> pa.RecordBatch:
    with pa.ipc.open_stream(record.value) as reader:
        return reader.read_next_batch()


def read_marker(record: Record) -> Marker:
    return msgspec.json.decode(record.value, type=Marker)


def read_control(record: Record) -> list[Control]:
    return read_controls(record.value)


def read_progress(record: Record) -> Progress:
    headers = record.headers
    return Progress(int(headers["raw"]), int(headers["raw_events"]), _fates.decode(headers["fates"]))


def _headers(kind: Kind, progress: Progress) -> dict[str, str]:
    return {
        "kind": kind,
        "raw": str(progress.raw),
        "raw_events": str(progress.raw_events),
        "fates": msgspec.json.encode(dict(progress.fates)).decode(),
    }
