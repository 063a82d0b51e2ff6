"""All of the ordered log, also what the log has forgotten: that comes from the segments, under the same positions."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import obstore
import structlog
from obstore.store import ObjectStore

from events.log.base import Head, Log, LogUnavailable, Record, Topic
from events.segments.files import REMEDY, Damaged, SegmentFile
from events.segments.storage import open_store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a segment. `first` and `last` are positions, both in it."""

    shard: int
    first: int
    last: int
    path: str
    sha256: str


Covering = Callable[[int, int], Known | None]
"""The segment of a shard that holds a position, if there is one."""


class History:
    """Reads like a log. What the log still holds is read from it, as that is the shorter way; the rest from segments.

    Raises Damaged for a segment that is not as it was written, and LogUnavailable for records that neither has.
    """

    def __init__(self, log: Log, store: Callable[[], ObjectStore], covering: Covering) -> None:
        self.log, self.shards = log, log.shards
        self._store, self._covering = store, covering
        self._open: tuple[str, SegmentFile] | None = None

    @classmethod
    def from_settings(cls, log: Log) -> "History":
        from django.conf import settings

        from events.segments.writing import covering

        return cls(log, lambda: open_store(settings.STORAGE_URL), covering)

    def read(
        self, topic: Topic, shard: int, position: int, *, max_records: int = 1000, max_events: int = 100_000
    ) -> list[Record]:
        found = self.log.read(topic, shard, position, max_records=max_records, max_events=max_events)
        gone = found[0].position > position if found else position < self.log.oldest(topic, shard).position
        if topic is not Topic.ORDERED or not gone:
            return found
        return self._segment(shard, position).read(position, max_records=max_records, max_events=max_events)

    def head(self, topic: Topic, shard: int) -> Head:
        return self.log.head(topic, shard)

    def oldest(self, topic: Topic, shard: int) -> Head:
        """Where the segments begin, or the log where there are none."""
        first = self._covering(shard, 0) if topic is Topic.ORDERED else None
        return Head(0, 0) if first else self.log.oldest(topic, shard)

    def _segment(self, shard: int, position: int) -> SegmentFile:
        known = self._covering(shard, position)
        if known is None:
            raise LogUnavailable(
                f"position {position} of shard {shard} is neither in the log nor in a segment; "
                "restore the segments from a backup of the object storage and the database"
            )
        if self._open is None or self._open[0] != known.path:
            self._open = known.path, fetch(self._store(), known)
        return self._open[1]


def fetch(store: ObjectStore, known: Known) -> SegmentFile:
    """The segment, once it is sure that it is as it was written; raises Damaged."""
    try:
        content: Any = obstore.get(store, known.path).bytes()
    except FileNotFoundError as error:
        raise Damaged(f"segment {known.path} is gone; {REMEDY}") from error
    if sha256(content).hexdigest() != known.sha256:
        raise Damaged(f"segment {known.path} is damaged: its SHA-256 is not {known.sha256}; {REMEDY}")
    return SegmentFile(bytes(content), known.path)
