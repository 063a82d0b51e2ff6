"""A log in the memory of one process: for tests and simulations."""

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from events.log.base import Committed, Entry, Fenced, Head, Record, Topic
from events.log.buffered import Buffered, buffered, by_shard, numbered


@dataclass(slots=True)
class _Sequence:
    """One topic and shard: the kept records, and where the oldest of them begins."""

    records: list[Record] = field(default_factory=list)
    oldest: Head = field(default_factory=lambda: Head(0, 0))

    @property
    def head(self) -> Head:
        if not self.records:
            return self.oldest
        last = self.records[-1]
        return Head(last.position + 1, last.first_event + last.events)


@dataclass(slots=True)
class _Group:
    committed: Committed = field(default_factory=lambda: Committed(0, ""))
    fence: int = 0


class _Memory:
    """What several handles of one log share."""

    def __init__(self, shards: int) -> None:
        self.lock = threading.RLock()
        self.sequences = {(topic, shard): _Sequence() for topic in Topic for shard in range(shards)}
        self.groups: dict[tuple[str, int], _Group] = {}

    def group(self, name: str, shard: int) -> _Group:
        return self.groups.setdefault((name, shard), _Group())


class MemoryLog:
    """See `Log`. `beside()` gives another handle on the same records, as another process would have it."""

    def __init__(self, shards: int = 1) -> None:
        self.shards = shards
        self._memory = _Memory(shards)
        self._fences: dict[tuple[str, int], int] = {}

    @classmethod
    def from_settings(cls, config: Any, data_dir: Path) -> Self:
        return cls(config.log.shards)

    def beside(self) -> "MemoryLog":
        other = MemoryLog(self.shards)
        other._memory = self._memory
        return other

    def append(self, topic: Topic, entries: Sequence[Entry]) -> None:
        sorted_out = by_shard(entries, self.shards)
        with self._memory.lock:
            for shard, of_shard in sorted_out.items():
                sequence = self._memory.sequences[topic, shard]
                head = sequence.head
                sequence.records.extend(_record(*each) for each in numbered(of_shard, head.position, head.events))

    def read(
        self, topic: Topic, shard: int, position: int, *, max_records: int = 1000, max_events: int = 100_000
    ) -> list[Record]:
        with self._memory.lock:
            sequence = self._memory.sequences[topic, shard]
            start = max(0, position - sequence.oldest.position)
            found = sequence.records[start : start + max(1, max_records)]
        events = 0
        for count, record in enumerate(found):
            events += record.events
            if count and events > max_events:
                return found[:count]
        return found

    def head(self, topic: Topic, shard: int) -> Head:
        with self._memory.lock:
            return self._memory.sequences[topic, shard].head

    def oldest(self, topic: Topic, shard: int) -> Head:
        with self._memory.lock:
            return self._memory.sequences[topic, shard].oldest

    def claim(self, group: str, shard: int) -> Committed:
        with self._memory.lock:
            claimed = self._memory.group(group, shard)
            claimed.fence += 1
            self._fences[group, shard] = claimed.fence
            return claimed.committed

    def committed(self, group: str, shard: int) -> Committed:
        with self._memory.lock:
            return self._memory.group(group, shard).committed

    def transaction(self, group: str, shard: int) -> AbstractContextManager[Buffered]:
        return buffered(lambda gathered: self._write(group, shard, gathered))

    def _write(self, name: str, shard: int, gathered: Buffered) -> None:
        with self._memory.lock:
            group = self._memory.group(name, shard)
            if self._fences.get((name, shard)) != group.fence:
                raise Fenced(f"another process has taken over {name} of shard {shard}")
            for entries in gathered.outputs.values():
                by_shard(entries, self.shards)
            for topic, entries in gathered.outputs.items():
                self.append(topic, entries)
            group.committed = gathered.committed or group.committed

    def trim(self, topic: Topic, shard: int, before: int) -> int:
        with self._memory.lock:
            sequence = self._memory.sequences[topic, shard]
            count = min(max(0, before - sequence.oldest.position), len(sequence.records))
            trimmed, sequence.records = sequence.records[:count], sequence.records[count:]
            if trimmed:
                last = trimmed[-1]
                sequence.oldest = Head(last.position + 1, last.first_event + last.events)
            return count

    def close(self) -> None:
        """Nothing to close: the records live as long as some handle does."""


def _record(position: int, first_event: int, entry: Entry) -> Record:
    return Record(
        position=position,
        value=entry.value,
        timestamp=entry.timestamp,
        events=entry.events,
        first_event=first_event,
        key=entry.key,
        headers=dict(entry.headers),
    )
