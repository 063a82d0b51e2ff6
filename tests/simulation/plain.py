"""Plain rows instead of columns: what the reformer takes in and puts out, and what a calculator reads."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from events.letter import Letter
from events.log.base import Entry, Record
from events.records import Kind, Progress, clock_entry
from events.reformer.heads import Lateness
from tests.simulation.history import NOON, Sent
from views_engine.folds.contract import Key, Reading

TYPE = "temperature"


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One event; `arrival` is the one thing that tells when it came."""

    device: str
    at: int
    seq: int
    event_id: str
    value: int
    arrival: int

    @property
    def key(self) -> Key:
        return Key(self.at, self.seq, TYPE, self.event_id, False)

    @property
    def identity(self) -> tuple[str, int, str]:
        return self.device, self.at, self.event_id

    @property
    def content(self) -> tuple[int, int]:
        return self.value, self.seq

    def reading(self) -> Reading:
        return Reading(
            device_id=self.device,
            event_type=TYPE,
            event_id=self.event_id,
            seq=self.seq,
            observed_at=self.at,
            timeless=False,
            value=self.value * 1_000_000,
        )


class Rows(list[Row]):
    """A batch, as the reformer passes it on."""

    @property
    def num_rows(self) -> int:
        return len(self)


@dataclass(frozen=True, slots=True)
class PlainIntake:
    batch: Rows
    letters: list[Letter] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)

    def in_time(self) -> Rows:
        return self.batch


class PlainHeads:
    """See `events.reformer.heads`."""

    def __init__(self, bound: int | None) -> None:
        self._heads: dict[str, Key] = {}
        self._bound = -1 if bound is None else bound

    def note(self, batch: Sequence[Row]) -> Lateness:
        known = dict(self._heads)
        late = [row for row in batch if row.device in known and row.key < known[row.device]]
        for row in batch:
            self._heads[row.device] = max(row.key, self._heads.get(row.device, row.key))
        unsure = any(row.device not in known or max(row.at, known[row.device][0]) <= self._bound for row in batch)
        oldest = min((row.at for row in late), default=None)
        newest = max((row.at for row in batch), default=None)
        return Lateness(len(late), {row.device for row in late}, oldest, unsure, newest)


class PlainBatches:
    """See `events.reformer.batches`."""

    def take_in(self, records: Sequence[Record], *, shard: int, rules: object) -> Any:
        rows = Rows(row for record in records for row in raw_rows(record))
        rows.sort(key=lambda row: (row.device, row.key, row.arrival))
        return PlainIntake(rows)

    def heads(self, bound: int | None) -> PlainHeads:
        return PlainHeads(bound)

    def entry(self, batch: Any, *, shard: int, at: int, progress: Progress) -> Entry:
        stamp = clock_entry(shard=shard, at=at, progress=progress)
        return replace(
            stamp, value=_encoder.encode(batch), events=len(batch), headers={**stamp.headers, "kind": Kind.EVENTS}
        )


_encoder = msgspec.json.Encoder()
_sent = msgspec.json.Decoder(list[Sent])
_rows = msgspec.json.Decoder(list[Row])


def raw_entry(readings: Sequence[Sent], at: int) -> Entry:
    return Entry(shard=0, value=_encoder.encode(readings), timestamp=at, events=len(readings))


def raw_rows(record: Record) -> list[Row]:
    sent = _sent.decode(record.value)
    return [
        Row(one.device, NOON + one.at, one.seq, one.event_id, one.value, record.first_event + n)
        for n, one in enumerate(sent)
    ]


def ordered_rows(record: Record) -> list[Row]:
    return _rows.decode(record.value)
