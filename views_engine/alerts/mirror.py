"""The mirror: makes the alert records of a shard follow the intervals of its live calculator.

It runs in the calculator's process, on a thread of its own; `views_engine.calculator.process` starts it. A round reads
the store at one standing and writes in one transaction of the database, which begins with the fence: a calculator
whose role was given to another writes nothing. Whatever stops a round, the next one begins at the standing in the
database and finds the same again; records that follow already stay as they are.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import duckdb
import structlog
from django.db import DatabaseError, connection, transaction

from blackboard import board
from commandline.crash_points import crash_point
from views_engine.alerts.metrics import ROUND_SECONDS
from views_engine.alerts.models import Alert, MirrorStanding, State
from views_engine.alerts.revising import Revised
from views_engine.alerts.source import Source, Tails
from views_engine.alerts.writing import Found, Pair, follow
from views_engine.calculator.mirrored import At, Mirrored

IDLE_S = 0.02
LONGEST_WAIT_S = 1.0
"""Between two tries, while rounds fail."""

LONGEST_REST_S = 5.0
REST_PER_WORK = 9
"""After a round the mirror rests so many times as long as it took, unless somebody waits for it: the calculator's own
work goes first.
"""

WRITE_AT_LEAST_MS = 1_000
"""The standing is written at least so often (by the log's clock), also when no alert has changed."""

MOST_FOLLOWED = 100_000
"""Of so many pairs the mirror knows by heart what it mirrored last."""

log = structlog.get_logger(__name__)

FenceOf = Callable[[], int | None]
"""The fence under which this calculator is live; None while it is not."""


class Lost(Exception):
    """Somebody else mirrors this shard now, or has just done so; nothing was written."""


class Mirror:
    """A worker: one round a step. `mirrored` says how far it is, `tell` hears of the alerts that changed."""

    def __init__(
        self,
        source: Source,
        shard: int,
        fence_of: FenceOf,
        mirrored: Mirrored | None = None,
        tell: Callable[[Sequence[dict[str, Any]]], None] = lambda changes: None,
    ) -> None:
        self.shard, self.mirrored, self._tell = shard, mirrored or Mirrored(), tell
        self._source, self._fence_of = source, fence_of
        self._fence: int | None = None
        self._written, self._written_clock = At(0, 0), 0
        self._tails: Tails = {}
        self._also: set[Pair] = set()
        self._followed: dict[Pair, int] = {}

    def step(self) -> bool:
        """Mirrors what is new in the store; whether there was anything. Does nothing while not live.

        Raises DatabaseError when the database is away, `Lost` when the fence no longer holds: the next step begins
        where the database says.
        """
        fence = self._fence_of()
        try:
            if fence != self._fence:
                self._begin(fence)
            if fence is None or not self._source.has_moved(self.mirrored.at or At(-1, -1)):
                return False
            return self._round(fence)
        except (DatabaseError, Lost):
            self._begin(None)
            raise

    @property
    def behind(self) -> bool:
        """Whether something is left to do; may be asked by any thread."""
        return self._fence is not None and self._source.has_moved(self.mirrored.at or At(-1, -1))

    def close(self) -> None:
        connection.close()

    def _begin(self, fence: int | None) -> None:
        """Forgets all that was true under another fence, and asks the database how far it is."""
        self._fence, self.mirrored.at, self._tails, self._written_clock = None, None, {}, 0
        self._followed = {}
        if fence is not None:
            self._written, self._also = _standing(self.shard), _open_pairs(self.shard)
            self._fence = fence

    def _round(self, fence: int) -> bool:
        found, tails = self._source.found(self.mirrored.at or self._written, self._tails, self._also)
        at = At(found.at.epoch, found.at.position)
        if not at.reaches(self._written):
            # This store is behind what was mirrored from another one: what is written is newer, and stays.
            self.mirrored.at = self._written
            return False
        marks = {pair: hash(tuple(intervals)) for pair, intervals in found.pairs.items()}
        fresh = {pair: found.pairs[pair] for pair, mark in marks.items() if self._followed.get(pair) != mark}
        if fresh or found.at.clock >= self._written_clock + WRITE_AT_LEAST_MS:
            self._write(fence, replace(found, pairs=fresh), at)
        self._followed = marks if len(self._followed) > MOST_FOLLOWED else self._followed | marks
        self._tails, self._also, self.mirrored.at = tails, set(), at
        return True

    def _write(self, fence: int, found: Found, at: At) -> None:
        with ROUND_SECONDS.time(), transaction.atomic():
            revised = self._write_all(fence, found, at)
            crash_point("mirror.before_commit")
        crash_point("mirror.after_commit")
        self._written, self._written_clock = at, found.at.clock
        if revised:
            self._tell([_change(one) for one in revised])
            log.info("alerts_mirrored", shard=self.shard, revisions=len(revised), epoch=at.epoch, position=at.position)

    def _write_all(self, fence: int, found: Found, at: At) -> list[Revised]:
        """1. The fence. 2. The standing, from where it was to where it will be. 3. What has changed."""
        if not board.holds_live(self.shard, fence):
            raise Lost(f"the calculator is no longer live for shard {self.shard} under fence {fence}")
        held = MirrorStanding.objects.filter(shard=self.shard, **self._written._asdict())
        if held.update(**at._asdict()) != 1:
            raise Lost(f"shard {self.shard} was mirrored by another")
        return follow(found) if found.pairs else []


def _change(one: Revised) -> dict[str, Any]:
    """As those who follow the changes of this calculator hear of it."""
    alert = one.alert
    return {
        "device_id": alert.device_id,
        "kind": "alert",
        "alert": alert.pk,
        "state": str(alert.state),
        "severity": str(alert.severity),
    }


def _standing(shard: int) -> At:
    """How far the records of the shard are; a shard that nobody has mirrored yet begins at 0."""
    row, _ = MirrorStanding.objects.get_or_create(shard=shard)
    return At(row.epoch, row.position)


def _open_pairs(shard: int) -> set[Pair]:
    """Whatever stands open may have ended by the clock alone while nobody looked."""
    found = Alert.objects.filter(shard=shard, state=State.OPEN).order_by()
    return set(found.values_list("rule_id", "device_id").distinct())


class MirrorThread:
    """Runs a mirror until it is stopped; a round that fails is tried again, for as long as it takes.

    `on_error` hears, on that thread, of every error of the store. Whoever wants more of the mirror ends its rest.
    """

    def __init__(self, mirror: Mirror, *, on_error: Callable[[duckdb.Error], None] = lambda error: None) -> None:
        self._mirror, self._on_error, self._wanted = mirror, on_error, mirror.mirrored.wanted
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mirror", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait_if_behind(self) -> bool:
        """Whether there is something left to mirror, after a moment for it; from another thread."""
        if self._mirror.behind:
            self._stopping.wait(IDLE_S)
        return self._mirror.behind

    def stop(self) -> None:
        self._stopping.set()
        self._wanted.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._mirror.step()
                failures = 0
            except Exception as error:
                failures += 1
                _report(error, failures)
                if isinstance(error, duckdb.Error):
                    self._on_error(error)
            self._rest(failures, time.monotonic() - began)
        self._mirror.close()

    def _rest(self, failures: int, took_s: float) -> None:
        """After a round that failed nobody is heard: it would fail again."""
        if failures:
            self._stopping.wait(min(LONGEST_WAIT_S, IDLE_S * 2.0 ** min(failures, 10)))
            return
        self._wanted.wait(min(LONGEST_REST_S, max(IDLE_S, REST_PER_WORK * took_s)))
        self._wanted.clear()


def _report(error: Exception, failures: int) -> None:
    """Being replaced is no error; the database may be away for a while, and is said so once."""
    if isinstance(error, Lost):
        log.info("mirror_lost", reason=str(error))
    elif isinstance(error, DatabaseError):
        connection.close()
        if failures == 1:
            log.warning("mirror_waits_for_the_database", reason=str(error))
    else:
        log.exception("mirror_failed")
