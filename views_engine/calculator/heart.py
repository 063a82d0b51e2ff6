"""The heart of a calculator: tells the blackboard where it stands, and hears which role it has."""

import os
import socket
import threading
import time
from collections.abc import Callable

import structlog
from django.conf import settings

from blackboard import board
from blackboard.decisions import RoleName
from blackboard.loop import now_ms
from blackboard.membership import Seat
from views_engine.calculator import metrics
from views_engine.calculator.worker import Calculator

NOWHERE = Seat(RoleName.SUPPORT, 0)

log = structlog.get_logger(__name__)


class Heart:
    """Beats on a thread of its own. `seat` is what the last beat was told; others may have decided anew since.

    Whatever must not be done by two at once is fenced where it happens (`board.holds_live`): a process that was
    stopped for a while takes itself for live until its next beat.
    """

    def __init__(self, calculator: Calculator, *, name: str, address: str) -> None:
        self.calculator, self.name, self.address = calculator, name, address
        self.seat = NOWHERE
        self.ready = False
        self._reader = calculator.store.reader()
        self._interval_s = settings.CONFIG.board.heartbeat_s
        self._close_s = settings.CONFIG.board.promote_tether_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    @property
    def fence(self) -> int | None:
        """That of its term as live, as far as it knows; None while it is not."""
        return self.seat.fence if self.seat.role is RoleName.LIVE else None

    def defers(self) -> bool:
        """Whether heavy repairs are left to a deputy, as far as it knows."""
        return self.seat.defers

    def start(self, when_replaced: Callable[[], None]) -> None:
        self._when_replaced = when_replaced
        self._membership = board.register(
            name=self.name,
            host=socket.gethostname(),
            pid=os.getpid(),
            shard=self.calculator.shard,
            address=self.address,
        )
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)
        board.leave(self._membership)

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._beat()
            except Exception:
                # The database may be away for a while; the lease decides what that means.
                log.exception("heartbeat_failed")
            self._stopping.wait(max(0.0, self._interval_s - (time.monotonic() - began)))

    def _beat(self) -> None:
        standing = self.calculator.store.standing
        events, seconds = self._measure()
        seat = board.beat(
            self._membership,
            position=standing.position,
            epoch=standing.epoch,
            held=standing.held,
            ready=self.ready,
            tether_events=events,
            tether_seconds=seconds,
        )
        former, self.seat = self.seat, seat or NOWHERE
        if former.role is RoleName.LIVE and self.seat.fence != former.fence:
            self._stood_down(former)
        if seat is None:
            log.error("replaced", shard=self.calculator.shard, why="another calculator has taken this one's place")
            self._when_replaced()

    def _measure(self) -> tuple[int, float]:
        """How far the views are behind, in events and seconds; once they have been close, the calculator is ready."""
        events, seconds = self.calculator.tether(now_ms())
        shard = self.calculator.shard
        metrics.TETHER_EVENTS.labels(shard).set(events)
        metrics.TETHER_SECONDS.labels(shard).set(seconds)
        metrics.note_fates(shard, self._reader.execute("SELECT fate, count FROM fates").fetchall())
        self.ready = self.ready or seconds <= self._close_s or self._beside_live()
        return events, seconds

    def _beside_live(self) -> bool:
        """Whether it is where live was at its last beat: under full load nobody is ever close to the log's end."""
        live = board.live(self.calculator.shard)
        return live is not None and self.calculator.store.standing.position >= live.position > 0

    def _stood_down(self, former: Seat) -> None:
        log.info("no_longer_live", shard=self.calculator.shard, fence=former.fence, role=str(self.seat.role))
        board.came_back(self._membership, former.fence)
