"""From raw records to one ordered batch of events and the dead letters among them. Set-wise, no log and no clock."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import structlog
from numpy.typing import NDArray

from events.decoding import Decoded, Refused, decode, decode_exactly
from events.event_types import EventTypes
from events.letter import Letter
from events.log.base import Record
from events.ordering import Limits, in_order, set_aside
from events.records import EVENTS, Fate, Source

log = structlog.get_logger(__name__)

Known = Callable[[set[str]], Collection[str]]
"""Which of these ids are devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """By what an intake is judged."""

    types: EventTypes
    known_devices: Known
    limits: Limits
    max_depth: int = 32


@dataclass(frozen=True, slots=True)
class Intake:
    """`batch` is in order, with schema `EVENTS`. `fates` counts raw events that end here, those not in the batch."""

    batch: pa.RecordBatch
    letters: list[Letter]
    fates: Counter[str] = field(default_factory=Counter)

    def in_time(self) -> pa.RecordBatch:
        """The events that take part in their device's history."""
        return self.batch.filter(pc.is_null(self.batch.column("aside")))


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of records that came the same way, and when and as which event of the shard each of them came."""

    shard: int
    source: Source
    lines: list[bytes]
    received_at: NDArray[np.int64]
    arrival: NDArray[np.int64]

    def letter(self, line: int, reason: Fate, detail: str, *, device_id: str, pointer: str = "") -> Letter:
        return Letter(
            shard=self.shard,
            arrival=int(self.arrival[line]),
            reason=reason,
            detail=detail,
            pointer=pointer,
            device_id=device_id,
            received_at=int(self.received_at[line]),
            raw=self.lines[line],
        )


def take_in(records: Sequence[Record], *, shard: int, rules: Rules) -> Intake:
    """Judges every event of these raw records; one that cannot be read harms no other."""
    damaged = ((record, why_unreadable(record)) for record in records if record.events)
    letters = [_unreadable(record, shard, why) for record, why in damaged if why]
    batches = []
    for lines in _by_source(records, shard):
        decoded = _decoded(lines, rules)
        letters += [_refused(lines, each) for each in decoded.refused]
        batch, strangers = _without_strangers(lines, decoded.batch, rules)
        batch = set_aside(batch, rules.limits)
        letters += [*strangers, *_aside_letters(lines, batch)]
        batches.append(batch)
    return Intake(in_order(_joined(batches)), letters, _fates(letters))


def _fates(letters: Sequence[Letter]) -> Counter[str]:
    """How many events ended here; what is set aside is in the batch, and counted by whoever reads that."""
    fates: Counter[str] = Counter()
    for letter in letters:
        if letter.reason in (Fate.INVALID, Fate.UNKNOWN_DEVICE):
            fates[letter.reason] += letter.events
    return fates


def why_unreadable(record: Record) -> str:
    """Why nothing of a raw record can be read; empty for a good one."""
    form, source = record.headers.get("format"), record.headers.get("source")
    if form != "ndjson":
        return f"the record's format is {form!r}, not 'ndjson'"
    if source not in set(Source):
        return f"the record's source {source!r} is not known"
    lines = record.value.count(b"\n") + 1
    if lines != record.events:
        return f"the record holds {lines} lines but was announced with {record.events} events"
    return ""


def _unreadable(record: Record, shard: int, why: str) -> Letter:
    return Letter(
        shard=shard,
        arrival=record.first_event,
        reason=Fate.INVALID,
        detail=why,
        received_at=record.timestamp,
        raw=record.value,
        events=record.events,
    )


def _by_source(records: Sequence[Record], shard: int) -> Iterator[_Lines]:
    readable = [record for record in records if not why_unreadable(record)]
    for source in Source:
        chosen = [record for record in readable if record.headers["source"] == source]
        if chosen:
            yield _lines_of(chosen, shard, source)


def _lines_of(records: Sequence[Record], shard: int, source: Source) -> _Lines:
    counts = [record.events for record in records]
    lines = [line for record in records for line in record.value.split(b"\n")]
    received_at = np.repeat(np.array([record.timestamp for record in records], np.int64), counts)
    arrival = np.concatenate([np.arange(record.events, dtype=np.int64) + record.first_event for record in records])
    return _Lines(shard, source, lines, received_at, arrival)


def _decoded(lines: _Lines, rules: Rules) -> Decoded:
    """The slow exact reader takes over where the quick one fails: one line must not stop all that come after it."""
    how: dict[str, Any] = {
        "received_at": lines.received_at,
        "arrival": lines.arrival,
        "types": rules.types,
        "own_times": lines.source is Source.IMPORT,
        "max_depth": rules.max_depth,
    }
    try:
        return decode(lines.lines, **how)
    except Exception:
        log.exception("quick reader failed", shard=lines.shard, first=int(lines.arrival[0]), lines=len(lines.lines))
        return decode_exactly(lines.lines, **how)


def _refused(lines: _Lines, refused: Refused) -> Letter:
    refusal = refused.refusal
    detail = f"{refusal.code}: {refusal.detail}"
    return lines.letter(refused.line, Fate.INVALID, detail, device_id=refused.device_id, pointer=refusal.pointer)


def _without_strangers(lines: _Lines, batch: pa.RecordBatch, rules: Rules) -> tuple[pa.RecordBatch, list[Letter]]:
    """What comes directly into the log is not known to come from devices of ours; the doors have looked already."""
    if lines.source is not Source.DIRECT or not batch.num_rows:
        return batch, []
    names = set(map(str, pc.unique(batch.column("device_id")).to_pylist()))
    strange = names - set(rules.known_devices(names))
    if not strange:
        return batch, []
    theirs = pc.is_in(batch.column("device_id"), pa.array(sorted(strange)))
    letters = [
        lines.letter(line, Fate.UNKNOWN_DEVICE, f"there is no device {device_id}", device_id=device_id)
        for line, device_id in _lines_and_devices(lines, batch.filter(theirs))
    ]
    return batch.filter(pc.invert(theirs)), letters


def _aside_letters(lines: _Lines, batch: pa.RecordBatch) -> Iterator[Letter]:
    aside = batch.filter(pc.is_valid(batch.column("aside")))
    times = zip(*(aside.column(name).to_pylist() for name in ("aside", "observed_at", "received_at")), strict=True)
    for (line, device_id), (fate, observed_at, received_at) in zip(
        _lines_and_devices(lines, aside), times, strict=True
    ):
        distance = (observed_at - received_at) / 1000
        detail = f"observed {abs(distance):,.3f} s {'after' if distance > 0 else 'before'} it was received"
        yield lines.letter(line, Fate(fate), detail, device_id=device_id, pointer="/observed_at")


def _lines_and_devices(lines: _Lines, batch: pa.RecordBatch) -> Iterator[tuple[int, str]]:
    numbers = np.searchsorted(lines.arrival, batch.column("arrival").to_numpy())
    return zip(numbers.tolist(), map(str, batch.column("device_id").to_pylist()), strict=True)


def _joined(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    table = pa.Table.from_batches(batches, EVENTS).unify_dictionaries().combine_chunks()
    return next(iter(table.to_batches()), pa.RecordBatch.from_pylist([], EVENTS))
