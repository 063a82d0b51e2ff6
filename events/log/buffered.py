"""A transaction that gathers what it is given and writes it all in one go at its end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from events.log.base import Committed, Entry, Topic


class Buffered:
    """What one step wants to make durable: outputs in their order, and perhaps a position."""

    def __init__(self) -> None:
        self.outputs: dict[Topic, list[Entry]] = {}
        self.committed: Committed | None = None

    def append(self, topic: Topic, entries: Sequence[Entry]) -> None:
        self.outputs.setdefault(topic, []).extend(entries)

    def commit(self, position: int, state: str = "") -> None:
        self.committed = Committed(position, state)


@contextmanager
def buffered(write: Callable[[Buffered], None]) -> Iterator[Buffered]:
    """Hands out a `Buffered` and calls `write` with it at the end; an exception inside writes nothing."""
    gathered = Buffered()
    yield gathered
    write(gathered)


def by_shard(entries: Sequence[Entry], shards: int) -> dict[int, list[Entry]]:
    """The entries of each shard, in their order; ValueError for a shard there is none of."""
    sorted_out: dict[int, list[Entry]] = {}
    for entry in entries:
        if not 0 <= entry.shard < shards:
            raise ValueError(f"there is no shard {entry.shard}: this log has {shards}")
        sorted_out.setdefault(entry.shard, []).append(entry)
    return sorted_out


def numbered(entries: Sequence[Entry], position: int, events: int) -> Iterator[tuple[int, int, Entry]]:
    """Each entry with its position and the number of events before it, counting on from a shard's head."""
    for entry in entries:
        yield position, events, entry
        position += 1
        events += entry.events
