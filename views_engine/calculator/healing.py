"""A store that cannot serve is set aside, and another stands in its place: from a snapshot, or from nothing.

Whatever is missing then is replayed from the log. Damage that shows only while a calculator runs is written down
beside the file; the process ends, and the next start heals.
"""

from pathlib import Path

import structlog

from commandline.crash_points import crash_point
from events.segments import History
from views_engine.calculator import metrics
from views_engine.calculator.files import HELD, mark_of, parts, set_aside
from views_engine.calculator.store import Store, StoreUnusable
from views_engine.snapshots.restoring import disagreement, replayable, restore_newest
from views_engine.units.base import one

log = structlog.get_logger(__name__)


class Healer:
    """Opens the store of one calculator. `memory_limit_mb` and `threads` are DuckDB's."""

    def __init__(self, path: Path, *, shard: int, history: History, memory_limit_mb: int, threads: int) -> None:
        self.path, self.shard, self.history = path, shard, history
        self._memory_limit_mb, self._threads = memory_limit_mb, threads

    def open(self) -> Store:
        """The store at the path: as it is, or healed. Raises StoreUnusable when another process holds it.

        Raises LogUnavailable when the log cannot be asked: without it nobody can tell whether a store is any good.
        """
        try:
            store = self._as_it_is()
        except StoreUnusable as error:
            if HELD in str(error):
                raise
            self._set_aside(str(error))
            store = None
        return store or self._begin_anew()

    def _as_it_is(self) -> Store | None:
        """The store that lies there, if it may serve; None when there is none, or nothing in it."""
        if not self.path.exists():
            return None
        store = self._open()
        try:
            if reason := self._unfit(store):
                raise StoreUnusable(f"{self.path}: {reason}")
        except BaseException:
            store.close()
            raise
        if store.standing.position:
            return store
        store.close()
        return None

    def _unfit(self, store: Store) -> str:
        """Why this store cannot go on; empty when it can."""
        mark, standing = mark_of(self.path), store.standing
        if mark.exists():
            return mark.read_text() or "it was marked as damaged"
        if self.path.stat().st_size < _least_bytes(store):
            return "the file is shorter than what it holds"
        if not replayable(self.shard, standing.position, self.history):
            return f"neither log nor segments hold what follows position {standing.position}"
        return disagreement(standing, self.shard, self.history)

    def _begin_anew(self) -> Store:
        for left in parts(self.path):
            left.unlink(missing_ok=True)
        restore_newest(self.shard, self.path, self.history)
        return self._open()

    def _open(self) -> Store:
        return Store.open(self.path, memory_limit_mb=self._memory_limit_mb, threads=self._threads)

    def _set_aside(self, reason: str) -> None:
        metrics.SET_ASIDE.inc()
        aside = set_aside(self.path)
        crash_point("healing.set_aside")
        log.error("store_set_aside", path=str(self.path), kept_as=str(aside), reason=reason)


def _least_bytes(store: Store) -> int:
    """What the file's blocks in use take; those that are free may be missing at its end."""
    _, _, block, _, used, *_ = one(store.connection, "PRAGMA database_size")
    return int(block * used)
