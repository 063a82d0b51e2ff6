"""Which snapshots there are to start from, newest first, and which of them are known to be bad."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from django.db import DatabaseError
from django.utils import timezone

from views_engine import storage
from views_engine.models import SnapshotRecord
from views_engine.snapshots import metrics

log = structlog.get_logger(__name__)

_NAME = re.compile(r"snapshots/\d+/(\d+)-(\d+)-([0-9a-f]{16})\.duckdb")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A snapshot that may serve. `sha256` is at least the first 16 digits; `number` is that of its record, if known."""

    shard: int
    epoch: int
    position: int
    path: str
    sha256: str
    bytes: int = 0
    number: int | None = None

    def __str__(self) -> str:
        return f"snapshot {self.number or self.path} of epoch {self.epoch}, position {self.position}"


def path_of(shard: int, epoch: int, position: int, sha256: str) -> str:
    """Where a snapshot lies. The name alone says enough to start from it, should the database be away."""
    return f"snapshots/{shard}/{epoch}-{position}-{sha256[:16]}.duckdb"


def candidates(shard: int) -> list[Candidate]:
    """The good snapshots of a shard, newest first: from the records, or without a database from the names."""
    try:
        records = list(SnapshotRecord.objects.filter(shard=shard, bad=""))
    except DatabaseError as error:
        log.error("snapshot_records_away", shard=shard, reason=str(error))
        return _ordered(_listed(shard))
    return _ordered(candidate_of(record) for record in records)


def candidate_of(record: SnapshotRecord) -> Candidate:
    return Candidate(record.shard, record.epoch, record.position, record.path, record.sha256, record.bytes, record.pk)


def mark_bad(candidate: Candidate, reason: str) -> None:
    """Writes down that a snapshot is bad, so that nobody chooses it again."""
    metrics.BAD.labels(candidate.shard).inc()
    log.error("snapshot_bad", shard=candidate.shard, path=candidate.path, reason=reason)
    try:
        SnapshotRecord.objects.filter(path=candidate.path).update(bad=reason[:300], bad_since=timezone.now())
    except DatabaseError as error:
        log.error("snapshot_records_away", shard=candidate.shard, reason=str(error))


def _listed(shard: int) -> list[Candidate]:
    try:
        found = list(storage.listing(f"snapshots/{shard}"))
    except storage.Away as error:
        log.error("snapshot_store_away", shard=shard, reason=str(error))
        return []
    named = [(_NAME.fullmatch(path), path, size) for path, size in found]
    return [Candidate(shard, int(name[1]), int(name[2]), path, name[3], size) for name, path, size in named if name]


def _ordered(found: Iterable[Candidate]) -> list[Candidate]:
    return sorted(found, key=lambda one: (one.position, one.epoch), reverse=True)
