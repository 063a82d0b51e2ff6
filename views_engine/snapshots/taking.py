"""Taking snapshots: fetched from a calculator that has time for it, verified, kept in object storage."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from blackboard import queries
from blackboard.decisions import RoleName
from blackboard.loop import now_ms
from commandline.crash_points import crash_point
from views_engine import storage
from views_engine.calculator.files import HELD, copy, store_path
from views_engine.models import SnapshotRecord
from views_engine.reading import Unavailable, get_reader
from views_engine.reading.door import Door, DoorFailed
from views_engine.snapshots import metrics
from views_engine.snapshots.choosing import candidate_of, mark_bad, path_of
from views_engine.snapshots.verifying import CAREFUL, SnapshotBroken, digest, verify

log = structlog.get_logger(__name__)

OVERDUE_TURNS = 2
"""After so many turns of the clock without a snapshot somebody should look why."""

CAUGHT_UP_S = 10.0
"""Who is behind by no more than this is as good a source as the live one, and nobody waits for it."""

Tell = Callable[[str], object]


class NoSource(Exception):
    """Nothing runs for the shard, and there is no store to copy either."""


TROUBLE = (NoSource, Unavailable, SnapshotBroken, storage.Away, DatabaseError, OSError)


def silent(what: str) -> None:
    """Of a task that nobody watches."""


def snapshot_all() -> int:
    """Takes a snapshot of every shard that has a calculator to ask; returns how many were taken.

    What cannot be done now, because the storage or everybody is away, comes again with the next turn.
    """
    taken = 0
    for shard in range(settings.CONFIG.log.shards):
        try:
            check_kept(shard)
            taken += take(shard) is not None
        except TROUBLE as error:
            metrics.FAILED.labels(shard).inc()
            log.error("snapshot_failed", shard=shard, reason=str(error) or type(error).__name__)
        _note_age(shard)
    return taken


def take(shard: int, *, tell: Tell = silent) -> SnapshotRecord | None:
    """A new snapshot of the shard; None when there is a good one of this position already.

    `tell` hears what is being done. Raises `NoSource` and `Unavailable` when there is nobody to copy from,
    `SnapshotBroken` when the copy does not verify, `storage.Away`.
    """
    with TemporaryDirectory(prefix="snapshot-") as folder:
        file = Path(folder) / "views.duckdb"
        created_at = timezone.now()
        tell("copying")
        copy_of_somebody(shard, file)
        crash_point("snapshot.copied")
        return keep(shard, file, created_at, tell=tell)


def keep(shard: int, file: Path, created_at: datetime, *, tell: Tell = silent) -> SnapshotRecord | None:
    """Verifies a copy of a store, puts it into the storage and records it. An object without a record harms nobody."""
    tell("verifying")
    verified = verify(file, whole=True)
    standing, sha256 = verified.standing, digest(file)
    known = SnapshotRecord.objects.filter(shard=shard, epoch=standing.epoch, position=standing.position, bad="")
    if known.exists():
        return None
    path = path_of(shard, standing.epoch, standing.position, sha256)
    tell("storing")
    storage.put(path, file)
    crash_point("snapshot.stored")
    tell("recording")
    record, _ = SnapshotRecord.objects.update_or_create(
        path=path,
        defaults={
            "shard": shard,
            "epoch": standing.epoch,
            "position": standing.position,
            "sha256": sha256,
            "bytes": file.stat().st_size,
            "events": verified.events,
            "created_at": created_at,
            "verified_at": timezone.now(),
            "bad": "",
            "bad_since": None,
        },
    )
    crash_point("snapshot.recorded")
    _keep_newest(shard, settings.CONFIG.snapshots.keep)
    return record


def copy_of_somebody(shard: int, file: Path) -> None:
    """A copy of the store of a calculator that nobody reads from, if one has caught up; else of the live one.

    While nothing runs, of the store that lies there.
    """
    places = queries.places(shard, now_ms())
    if not places and _file_copied(shard, file):
        return
    spare = [place for place in places if place.role != RoleName.LIVE]
    for place in sorted(spare, key=lambda one: (one.role == RoleName.NEXT, -one.position)):
        if place.tether_seconds <= CAUGHT_UP_S and _fetched(place.address, file):
            return
    try:
        get_reader().snapshot(shard, file)
    except Unavailable as error:
        if places:
            raise
        raise NoSource(f"No calculator of shard {shard} runs, and there is no {_usual(shard)}.") from error


def check_kept(shard: int) -> int:
    """Looks whether every good snapshot still lies in the storage at its full length; marks others bad, says how many.

    Raises `storage.Away`. Nothing is marked while the storage shows nothing at all: then it is the storage that is
    gone, a folder that is not mounted, and not the snapshots.
    """
    records = list(SnapshotRecord.objects.filter(shard=shard, bad=""))
    sizes = dict(storage.listing(f"snapshots/{shard}")) if records else {}
    if records and not sizes:
        raise storage.Away("the storage shows no snapshot at all")
    wrong = [record for record in records if sizes.get(record.path) != record.bytes]
    for record in wrong:
        found = f"it is {sizes[record.path]} bytes long" if record.path in sizes else "it is gone"
        mark_bad(candidate_of(record), f"{found}, was {record.bytes} bytes")
    return len(wrong)


def age_s(shard: int) -> float | None:
    """Seconds since the newest good snapshot was taken; None when there is none."""
    newest = SnapshotRecord.objects.filter(shard=shard, bad="").order_by("-created_at").first()
    return None if newest is None else max(0.0, (timezone.now() - newest.created_at).total_seconds())


def overdue() -> list[str]:
    """A sentence for each shard whose newest good snapshot should long have been followed by another."""
    interval_s = settings.CONFIG.snapshots.interval_s
    sentences = []
    for shard in range(settings.CONFIG.log.shards):
        age = age_s(shard)
        if age is not None and age > interval_s * OVERDUE_TURNS:
            sentences.append(
                f"The newest snapshot of shard {shard} is {age:,.0f} s old, one is due every {interval_s:g} s."
            )
    return sentences


def _usual(shard: int) -> Path:
    """Where the store of the shard's first calculator lies."""
    return store_path(f"calculator-{shard}")


def _file_copied(shard: int, target: Path) -> bool:
    """Whether the store of the shard's calculator could be copied; False when somebody has it open after all."""
    path = _usual(shard)
    if not path.exists():
        return False
    try:
        with duckdb.connect(str(path), config=CAREFUL) as connection:
            copy(connection, target)
    except duckdb.Error as error:
        if HELD in str(error):
            return False
        raise SnapshotBroken(f"{path}: {error}") from error
    return True


def _fetched(address: str, file: Path) -> bool:
    door = Door(settings.INTERNAL_SECRET)
    try:
        door.snapshot(address, file)
    except DoorFailed as failed:
        log.warning("snapshot_source_away", address=address, reason=str(failed))
        return False
    finally:
        door.close()
    return True


def _note_age(shard: int) -> None:
    try:
        age = age_s(shard)
    except DatabaseError:
        return
    if age is not None:
        metrics.AGE_SECONDS.labels(shard).set(age)


def _keep_newest(shard: int, keep: int) -> None:
    """Good ones and bad ones are counted apart: bad ones are kept for a while so that somebody can look at them."""
    records = SnapshotRecord.objects.filter(shard=shard).order_by("-position", "-epoch", "-pk")
    for old in [*records.filter(bad="")[keep:], *records.exclude(bad="")[keep:]]:
        storage.remove(old.path)
        old.delete()
