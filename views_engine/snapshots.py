"""Snapshots of view stores: fetched from whoever is live, verified, kept in object storage."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import structlog
from django.conf import settings
from django.utils import timezone

from events.records import Fate
from views_engine import storage
from views_engine.calculator.store import Standing, read_standing
from views_engine.models import SnapshotRecord
from views_engine.reading import Unavailable, get_reader

log = structlog.get_logger(__name__)


class SnapshotBroken(Exception):
    """A copy that cannot be trusted; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Verified:
    standing: Standing
    events: int


def snapshot_all() -> int:
    """Takes a snapshot of every shard whose live calculator answers; returns how many were taken."""
    taken = 0
    for shard in range(settings.CONFIG.log.shards):
        try:
            taken += take(shard) is not None
        except (Unavailable, SnapshotBroken) as error:
            log.error("snapshot_failed", shard=shard, reason=str(error))
    return taken


def take(shard: int) -> SnapshotRecord | None:
    """A new snapshot of the shard; None when there is one of this position already.

    Raises `Unavailable` when nobody is live, `SnapshotBroken` when the copy does not verify.
    """
    with TemporaryDirectory(prefix="snapshot-") as folder:
        file = Path(folder) / "views.duckdb"
        created_at = timezone.now()
        get_reader().snapshot(shard, file)
        verified = verify(file)
        standing = verified.standing
        path = f"snapshots/{shard}/{standing.epoch}-{standing.position}.duckdb"
        if SnapshotRecord.objects.filter(path=path).exists():
            return None
        storage.put(path, file)
        record = SnapshotRecord.objects.create(
            shard=shard,
            epoch=standing.epoch,
            position=standing.position,
            path=path,
            sha256=digest(file),
            bytes=file.stat().st_size,
            events=verified.events,
            created_at=created_at,
            verified_at=timezone.now(),
        )
    _keep_newest(shard, settings.CONFIG.snapshots.keep)
    return record


def verify(file: Path) -> Verified:
    """Opens a copy and checks that it holds the events it accounts for; raises `SnapshotBroken`."""
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            standing = read_standing(connection)
            events = _one(connection, "SELECT count(*) FROM events")
            fates = (Fate.APPLIED.value, Fate.APPLIED_LATE.value)
            accounted = _one(connection, f"SELECT coalesce(sum(count), 0) FROM fates WHERE fate IN {fates}")
    except duckdb.Error as error:
        raise SnapshotBroken(f"the copy does not open: {error}") from error
    if events != accounted:
        raise SnapshotBroken(f"the copy holds {events} events and accounts for {accounted}")
    return Verified(standing, events)


def digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    ((value,),) = connection.execute(sql).fetchall()
    return int(value)


def _keep_newest(shard: int, keep: int) -> None:
    for record in SnapshotRecord.objects.filter(shard=shard).order_by("-position", "-epoch")[keep:]:
        storage.remove(record.path)
        record.delete()
