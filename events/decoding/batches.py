"""Lines of JSON to one record batch of events and the list of what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from events.decoding import exact, quick
from events.event import Event, Refusal, arrival_id
from events.event_types import EventTypes
from events.records import EVENTS

FEW_LINES = 32
"""Up to so many lines the exact reader is done before the columns of the quick one are set up."""

_PLAIN_TEXT = pa.schema([field.with_type(pa.utf8()) if field.name == "event_type" else field for field in EVENTS])


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that holds no event: its index, the reason, and the device it names ("" if it names none)."""

    line: int
    refusal: Refusal
    device_id: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """`batch` has schema `EVENTS`, one row per good line in line order, `aside` null; `lines` its line indexes."""

    batch: pa.RecordBatch
    lines: NDArray[np.int64]
    refused: list[Refused]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How lines are to be read: when and as which event of the raw log each of them came, and by which rules."""

    received_at: NDArray[np.int64]
    arrival: NDArray[np.int64]
    types: EventTypes
    own_times: bool
    max_depth: int


def decode(
    lines: Sequence[bytes],
    *,
    received_at: NDArray[np.int64],
    arrival: NDArray[np.int64],
    types: EventTypes,
    own_times: bool = False,
    max_depth: int = 32,
) -> Decoded:
    """Reads one event per line; a line that holds none is refused alone.

    `received_at` (milliseconds) and `arrival` have one entry per line. With `own_times` a line's own `received_at`
    is honoured. Every result is the one of the exact reader, whichever reader was used.
    """
    how = Reading(received_at=received_at, arrival=arrival, types=types, own_times=own_times, max_depth=max_depth)
    if len(lines) <= FEW_LINES:
        return _exactly(lines, range(len(lines)), how)
    columns, others = quick.read(lines, types=types, own_times=own_times)
    plain = _batch_of(columns, how)
    if not others:
        return Decoded(_finished(plain), columns.lines, [])
    rest = _exactly(lines, others, how)
    return _merged(plain, columns.lines, rest)


def decode_exactly(
    lines: Sequence[bytes],
    *,
    received_at: NDArray[np.int64],
    arrival: NDArray[np.int64],
    types: EventTypes,
    own_times: bool = False,
    max_depth: int = 32,
) -> Decoded:
    """The same as `decode` by the exact reader alone: the reference."""
    how = Reading(received_at=received_at, arrival=arrival, types=types, own_times=own_times, max_depth=max_depth)
    return _exactly(lines, range(len(lines)), how)


def _exactly(lines: Sequence[bytes], chosen: Sequence[int], how: Reading) -> Decoded:
    events, rows, refused = [], [], []
    for number in chosen:
        try:
            events.append(
                exact.read(
                    lines[number],
                    received_at=int(how.received_at[number]),
                    arrival=int(how.arrival[number]),
                    types=how.types,
                    own_times=how.own_times,
                    max_depth=how.max_depth,
                )
            )
            rows.append(number)
        except Refusal as refusal:
            refused.append(Refused(number, refusal, exact.claimed_device(lines[number])))
    return Decoded(batch_of(events), np.array(rows, np.int64), refused)


def batch_of(events: Sequence[Event]) -> pa.RecordBatch:
    """One row per event, in their order, with schema `EVENTS` and nothing set aside."""
    columns: list[list[Any]] = [
        [event.device_id for event in events],
        [event.event_type for event in events],
        [event.event_id for event in events],
        [event.seq for event in events],
        [event.observed_at for event in events],
        [event.received_at for event in events],
        [event.timeless for event in events],
        [event.reading.value for event in events],
        [event.reading.latitude for event in events],
        [event.reading.longitude for event in events],
        [event.payload for event in events],
        [event.content for event in events],
        [event.arrival for event in events],
        [None] * len(events),
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, EVENTS, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=EVENTS)


def _merged(plain: pa.RecordBatch, lines: NDArray[np.int64], rest: Decoded) -> Decoded:
    if not rest.batch.num_rows:
        return Decoded(_finished(plain), lines, rest.refused)
    exactly = rest.batch.set_column(1, _PLAIN_TEXT.field(1), rest.batch.column(1).cast(pa.utf8()))
    both = pa.Table.from_batches([plain, exactly]).combine_chunks().to_batches()[0]
    numbers = np.concatenate([lines, rest.lines])
    order = np.argsort(numbers, kind="stable")
    return Decoded(_finished(both.take(order)), numbers[order], rest.refused)


def _finished(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.set_column(1, EVENTS.field(1), batch.column(1).dictionary_encode())


def _batch_of(columns: quick.Columns, how: Reading) -> pa.RecordBatch:
    readings, lines = columns.readings, columns.lines
    received_at = np.where(columns.has_own_time, columns.own_time, how.received_at[lines])
    observed_at = np.where(columns.timeless, received_at, columns.observed_at)
    arrival = how.arrival[lines]
    fingerprints = _fingerprints(columns)
    arrays = [
        pa.array(columns.device_id, pa.utf8()),
        pa.array(columns.event_type, pa.utf8()),
        pa.array(_event_ids(columns, fingerprints, arrival), pa.utf8()),
        pa.array(columns.seq),
        pa.array(observed_at),
        pa.array(received_at),
        pa.array(columns.timeless),
        pa.array(readings.value, mask=readings.located),
        pa.array(readings.latitude, mask=~readings.located),
        pa.array(readings.longitude, mask=~readings.located),
        pa.array(readings.text, pa.utf8()),
        pa.array(np.frombuffer(fingerprints, ">i8")[::2].astype(np.int64)),
        pa.array(arrival),
        pa.nulls(len(lines), EVENTS.field("aside").type),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=_PLAIN_TEXT)


def _fingerprints(columns: quick.Columns) -> bytes:
    """The MD5 of each event's content, 16 bytes a row; its first eight are what `events.event.content_of` says."""
    readings = columns.readings
    values: list[object] = readings.value.tolist()
    for row in np.flatnonzero(readings.located).tolist():
        values[row] = None
    texts = zip(values, columns.seq.tolist(), readings.rest, strict=True)
    return b"".join(
        [md5(f"{value}|{seq}|{rest}".encode(), usedforsecurity=False).digest() for value, seq, rest in texts]
    )


def _event_ids(columns: quick.Columns, fingerprints: bytes, arrival: NDArray[np.int64]) -> list[str | None]:
    """The ids that were sent; elsewhere the one of the content, or of the arrival where there is no time either."""
    event_ids = columns.event_id
    if None not in event_ids:
        return event_ids
    digits = fingerprints.hex()
    timeless = columns.timeless.tolist()
    return [
        sent
        if sent is not None
        else arrival_id(int(arrival[row]))
        if timeless[row]
        else digits[row * 32 : row * 32 + 16]
        for row, sent in enumerate(event_ids)
    ]
