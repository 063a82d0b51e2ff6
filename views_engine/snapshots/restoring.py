"""Standing on a snapshot again: fetched, checked against its record, itself and the log, and put where a store lies."""

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import structlog
from django.db import DatabaseError
from obstore.exceptions import BaseError

from commandline.crash_points import crash_point
from events.log.base import LogUnavailable, Record, Topic
from events.records import read_progress
from events.segments import Damaged, History
from views_engine import storage
from views_engine.calculator.store import SCHEMA_VERSION, Standing
from views_engine.snapshots import metrics
from views_engine.snapshots.choosing import Candidate, candidates, mark_bad
from views_engine.snapshots.verifying import SnapshotBroken, Verified, verify

log = structlog.get_logger(__name__)

Progress = Callable[[int], object]
"""Hears of every so many bytes."""

READ_AHEAD = {"max_records": 1, "max_events": 1}


class Unfit(Exception):
    """A good snapshot that cannot serve here; the message says why."""


def restore_newest(
    shard: int, path: Path, history: History, *, progress: Progress = lambda size: None
) -> Candidate | None:
    """Puts the newest snapshot that can serve where the store lies; None, and nothing there, when none can."""
    return restore_first(candidates(shard), path, history, progress=progress)


def restore_first(
    choices: Iterable[Candidate], path: Path, history: History, *, progress: Progress = lambda size: None
) -> Candidate | None:
    """The first of these that can serve; what is bad about the others is written down."""
    for candidate in choices:
        try:
            restore(candidate, path, history, progress=progress)
        except SnapshotBroken as error:
            mark_bad(candidate, str(error))
        except (Unfit, storage.Away) as error:
            log.error("snapshot_unfit", shard=candidate.shard, path=candidate.path, reason=str(error))
        else:
            return candidate
    return None


def restore(candidate: Candidate, path: Path, history: History, *, progress: Progress = lambda size: None) -> Verified:
    """Puts this snapshot where the store lies, in whole or not at all.

    Raises `SnapshotBroken`, `Unfit`, `storage.Away`, `LogUnavailable` when the log cannot be asked, and OSError when
    there is no room for the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f"{path.name}.restoring-{os.getpid()}")
    try:
        _fetch(candidate, arriving, progress)
        verified = verify(arriving)
        _check(candidate, verified.standing, history)
        crash_point("restore.fetched")
        arriving.replace(path)
        crash_point("restore.in_place")
    finally:
        arriving.unlink(missing_ok=True)
    metrics.RESTORED.labels(candidate.shard).inc()
    log.info("snapshot_restored", shard=candidate.shard, path=candidate.path, position=candidate.position)
    return verified


def disagreement(standing: Standing, shard: int, history: History) -> str:
    """Why a store that stands there cannot be of this log; empty when it can, or when nobody can tell any more.

    A log that was restored from an older backup, or begun anew, gives its positions to other records.
    """
    head = history.head(Topic.ORDERED, shard)
    if standing.position > head.position:
        return f"it has read up to position {standing.position}, and the ordered log ends at {head.position}"
    before = _record(history, shard, standing.position - 1)
    if before is None:
        return ""
    known = before.first_event + before.events, read_progress(before).raw
    if known != (standing.ordered_events, standing.raw):
        return f"the record before position {standing.position} of the ordered log is not the one it has read"
    return ""


def replayable(shard: int, position: int, history: History) -> bool:
    """Whether what comes at `position` and after it can still be read, from the log or the segments."""
    if position >= history.head(Topic.ORDERED, shard).position:
        return True
    try:
        found = history.read(Topic.ORDERED, shard, position, **READ_AHEAD)
    except (LogUnavailable, Damaged):
        return False
    except (DatabaseError, BaseError, OSError):
        return position >= history.log.oldest(Topic.ORDERED, shard).position
    return bool(found) and found[0].position == position


def _check(candidate: Candidate, standing: Standing, history: History) -> None:
    if (standing.epoch, standing.position) != (candidate.epoch, candidate.position):
        raise SnapshotBroken(f"it stands at epoch {standing.epoch}, position {standing.position}")
    if standing.schema_version != SCHEMA_VERSION:
        raise Unfit(f"it has schema {standing.schema_version}, this code needs {SCHEMA_VERSION}")
    if reason := disagreement(standing, candidate.shard, history):
        raise SnapshotBroken(reason)
    if not replayable(candidate.shard, standing.position, history):
        raise Unfit(f"neither log nor segments hold what follows position {standing.position}")


def _fetch(candidate: Candidate, target: Path, progress: Progress) -> None:
    try:
        storage.copy(candidate.path, target, progress)
    except FileNotFoundError as error:
        if not _shows_others(candidate):
            raise storage.Away("the storage shows no snapshot at all") from error
        raise SnapshotBroken("it is gone from the storage") from error
    with target.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    if not found.startswith(candidate.sha256):
        raise SnapshotBroken(f"its SHA-256 is {found}, was {candidate.sha256}")


def _shows_others(candidate: Candidate) -> bool:
    return any(True for _ in storage.listing("snapshots"))


def _record(history: History, shard: int, position: int) -> Record | None:
    """That record, where anybody still has it."""
    if position < 0:
        return None
    with suppress(LogUnavailable, Damaged, DatabaseError, BaseError, OSError):
        found = history.read(Topic.ORDERED, shard, position, **READ_AHEAD)
        if found and found[0].position == position:
            return found[0]
    return None
