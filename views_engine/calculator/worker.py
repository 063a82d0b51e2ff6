"""The calculator: reads the ordered log and keeps the views in its store, one transaction a record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from commandline.crash_points import crash_point
from events.log.base import Head, Record, Topic
from views_engine.calculator import metrics
from views_engine.calculator.apply import apply, fold, forget_corrections
from views_engine.calculator.changes import Changes
from views_engine.calculator.markers import release
from views_engine.calculator.place import relations
from views_engine.calculator.rebuild import renew
from views_engine.calculator.store import Store

log = structlog.get_logger(__name__)


class OrderedLog(Protocol):
    """What a calculator needs of the log: the records from a position on, and where they end."""

    def read(
        self, topic: Topic, shard: int, position: int, *, max_records: int, max_events: int
    ) -> Sequence[Record]: ...

    def head(self, topic: Topic, shard: int) -> Head: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much a step takes in at most, after how many events the rollups are folded, how long corrections are kept.

    `keep_corrections_ms` 0 keeps them all.
    """

    events_per_step: int = 200_000
    fold_rows: int = 50_000
    keep_corrections_ms: int = 0


DEFAULT_PACE = Pace()


def never() -> bool:
    """Of a calculator without a deputy: it repairs everything itself."""
    return False


class Calculator:
    """One writer of one store. A crash at any point resumes from the position in the store.

    While `defers()`, it is live and leaves heavy repairs to its deputy; asked once a step.
    """

    def __init__(
        self,
        *,
        log: OrderedLog,
        shard: int,
        store: Store,
        changes: Changes | None = None,
        pace: Pace = DEFAULT_PACE,
        defers: Callable[[], bool] = never,
    ) -> None:
        self.log, self.shard, self.store, self.pace = log, shard, store, pace
        self.changes, self.defers = changes or Changes(), defers
        relations(store.connection)
        renew(store)

    def step(self) -> bool:
        """Lets in what was held too long, or takes in the next records; says whether there was either."""
        defers = self.defers()
        if self.store.standing.held and not defers:
            return self._release()
        return self._read_on(defers)

    def _release(self) -> bool:
        """The oldest marker that is held, alone in its transaction: readers see whole epochs."""
        with metrics.STEP_SECONDS.time(), self.store.transaction():
            release(self.store)
            if self.changes.wanted:
                self.changes.correct(self.store.connection)
            crash_point("calculator.before_commit")
        crash_point("calculator.after_commit")
        self._tell(events=0)
        return True

    def _read_on(self, defers: bool) -> bool:
        records = self.log.read(
            Topic.ORDERED,
            self.shard,
            self.store.standing.position,
            max_records=100,
            max_events=self.pace.events_per_step,
        )
        if not records:
            self.store.rest()
            return False
        for record in records:
            self._take_in(record, defers)
        return True

    def _take_in(self, record: Record, defers: bool) -> None:
        """One record, in a transaction of its own: what a batch is judged against was committed before it."""
        with metrics.STEP_SECONDS.time(), self.store.transaction():
            crash_point("calculator.begun")
            self._take(record, defers)
            crash_point("calculator.record_taken")
            self._tidy_up()
            crash_point("calculator.before_commit")
        crash_point("calculator.after_commit")
        self._tell(events=record.events)

    def _tell(self, *, events: int) -> None:
        metrics.note(self.shard, self.store.standing, events=events)
        self.changes.publish(self.store.standing)

    def tether(self, now: int) -> tuple[int, float]:
        """How far the views are behind the ordered log at `now` (ms): in events, and in seconds of its clock."""
        standing = self.store.standing
        head = self.log.head(Topic.ORDERED, self.shard)
        behind = head.position > standing.position
        seconds = max(0, now - standing.clock) / 1000 if behind and standing.clock else 0.0
        return head.events - standing.ordered_events, seconds

    def close(self) -> None:
        self.changes.close()
        self.store.close()

    def _tidy_up(self) -> None:
        if fold(self.store, self.pace.fold_rows) and self.pace.keep_corrections_ms:
            forget_corrections(self.store, self.pace.keep_corrections_ms)

    def _take(self, record: Record, defers: bool) -> None:
        apply(self.store, record, defers=defers)
        if self.changes.wanted:
            self.changes.collect(self.store.connection, record)
