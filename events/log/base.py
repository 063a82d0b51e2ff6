"""The log: append-only, one sequence of records per topic and shard, with committed positions per group."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from zlib import crc32


class Topic(StrEnum):
    RAW = "raw"
    ORDERED = "ordered"


class LogUnavailable(Exception):
    """The log cannot take or give records now; nothing of the call was done. The message says why."""


class Fenced(Exception):
    """Somebody else has taken over this group and shard; this process must stop writing for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is appended. `timestamp` is milliseconds since 1970, `events` how many events the value holds."""

    shard: int
    value: bytes
    timestamp: int
    events: int = 1
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is read. `position` is the record's own; `first_event` counts the events before it in its shard."""

    position: int
    value: bytes
    timestamp: int
    events: int
    first_event: int
    key: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a shard: the position the next record will get, and how many events lie before it."""

    position: int
    events: int


@dataclass(frozen=True, slots=True)
class Committed:
    """Where a group stands: the next position to read, and a short text of its own that it committed with it."""

    position: int
    state: str


class Transaction(Protocol):
    """Outputs and input position of one step: all of it becomes durable at the end of the `with`, or none."""

    def append(self, topic: Topic, entries: Sequence[Entry]) -> None: ...

    def commit(self, position: int, state: str = "") -> None: ...


class Log(Protocol):
    """A position is always the next to read. What `append` or a transaction returned from is durable.

    `read` returns records in order from `position` on, at most `max_records` and about `max_events` events, never
    fewer than one when there is one; a position before the oldest kept record starts at the oldest kept one.
    `claim` makes this process the only one that may commit for a group and shard: an older claimant's next
    transaction raises `Fenced`.
    """

    shards: int

    def append(self, topic: Topic, entries: Sequence[Entry]) -> None: ...

    def read(
        self, topic: Topic, shard: int, position: int, *, max_records: int = 1000, max_events: int = 100_000
    ) -> list[Record]: ...

    def head(self, topic: Topic, shard: int) -> Head: ...

    def oldest(self, topic: Topic, shard: int) -> Head: ...

    def claim(self, group: str, shard: int) -> Committed: ...

    def committed(self, group: str, shard: int) -> Committed: ...

    def transaction(self, group: str, shard: int) -> AbstractContextManager[Transaction]: ...

    def trim(self, topic: Topic, shard: int, before: int) -> int: ...

    def close(self) -> None: ...


def shard_of(device_id: str, shards: int) -> int:
    """The shard of a device: CRC-32 of its id, as librdkafka's `consistent` partitioner has it."""
    return crc32(device_id.encode()) % shards
