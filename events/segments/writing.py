"""Cutting segments from the ordered log and keeping account of them in the database."""

from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory

import obstore
import structlog
from django.db import IntegrityError, transaction
from obstore.store import ObjectStore

from commandline.crash_points import crash_point
from events.log.base import Log, Record, Topic
from events.models import Segment
from events.segments.files import Kept, write_file
from events.segments.history import Known

log = structlog.get_logger(__name__)

MAX_RECORDS = 20_000
"""A segment is full with so many records even if they hold few events."""


def write_segments(
    log: Log, shard: int, *, store: ObjectStore, segment_events: int, max_records: int = MAX_RECORDS
) -> list[Segment]:
    """Writes every full segment behind those there are. Twice at once is harmless: one of the two gives way."""
    written = []
    while records := _full(log, shard, covered(shard), segment_events, max_records):
        segment = _write(shard, records, store)
        if segment is None:
            break
        written.append(segment)
    return written


def covered(shard: int) -> int:
    """The first position that no segment holds."""
    last = Segment.objects.filter(shard=shard).order_by("-first_position").first()
    return last.last_position + 1 if last else 0


def covering(shard: int, position: int) -> Known | None:
    """The segment of the shard that holds this position."""
    found = Segment.objects.filter(shard=shard, first_position__lte=position, last_position__gte=position).first()
    if found is None:
        return None
    return Known(shard, found.first_position, found.last_position, found.path, found.sha256)


def _full(log: Log, shard: int, start: int, segment_events: int, max_records: int) -> Iterator[Record] | None:
    """The records of the next segment; None while there are too few."""
    first = log.read(Topic.ORDERED, shard, start, max_records=1)
    if not first or first[0].position != start:
        return None
    head = log.head(Topic.ORDERED, shard)
    if head.events - first[0].first_event < segment_events and head.position - start < max_records:
        return None
    return _records(log, shard, start, first[0].first_event + segment_events, start + max_records)


def _records(log: Log, shard: int, position: int, events: int, end: int) -> Iterator[Record]:
    """The records from `position` on, until there were so many events or `end` is reached."""
    while position < end:
        for record in log.read(Topic.ORDERED, shard, position, max_records=min(100, end - position)):
            yield record
            position = record.position + 1
            if record.first_event + record.events >= events:
                return


def _write(shard: int, records: Iterator[Record], store: ObjectStore) -> Segment | None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "segment.parquet"
        kept = write_file(path, records)
        crash_point("segment.written")
        return _publish(shard, kept, path, store)


def _publish(shard: int, kept: list[Kept], path: Path, store: ObjectStore) -> Segment | None:
    # 1. The file, under a name of its own content; 2. the row. A file without a row harms nobody.
    first, last = kept[0].position, kept[-1].position
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    name = f"segments/{shard}/{first:016d}-{last:016d}-{digest[:16]}.parquet"
    obstore.put(store, name, path)
    crash_point("segment.stored")
    try:
        with transaction.atomic():
            segment = Segment.objects.create(
                shard=shard,
                first_position=first,
                last_position=last,
                events=sum(record.events for record in kept),
                path=name,
                sha256=digest,
                size=path.stat().st_size,
            )
    except IntegrityError:
        return None
    crash_point("segment.recorded")
    log.info("segment written", shard=shard, path=name, events=segment.events, size=segment.size)
    return segment
