"""A calculator as a process: the worker, its private door, and its word to the blackboard."""

import os
import socket
import threading
import time
from collections.abc import Callable

import structlog
from django.conf import settings

from blackboard import board
from blackboard.loop import Loop, now_ms
from events.log import get_log
from events.segments import History
from views_engine.calculator import metrics
from views_engine.calculator.damage import Damage
from views_engine.calculator.door_server import DoorServer
from views_engine.calculator.files import store_path
from views_engine.calculator.healing import Healer
from views_engine.calculator.rebuilder import Rebuilder
from views_engine.calculator.serving import Door
from views_engine.calculator.store import Store
from views_engine.calculator.worker import Calculator, Pace

DAY_MS = 86_400_000

log = structlog.get_logger(__name__)


def run(*, shard: int, name: str, until_idle: bool = False) -> None:
    """Runs one calculator until it is told to stop, or has caught up, or somebody else took its place."""
    service = Service(shard=shard, name=name)
    loop = Loop(service, idle_s=0.02, until_idle=until_idle)
    service.start(when_replaced=loop.stop)
    loop.run()


def configured(*, shard: int, name: str) -> Calculator:
    """The calculator of that name as the settings want it; whoever makes it closes it."""
    config = settings.CONFIG.calculator
    pace = Pace(
        events_per_step=config.events_per_step,
        fold_rows=config.fold_rows,
        keep_corrections_ms=round(config.keep_corrections_days * DAY_MS),
    )
    history = History.from_settings(get_log())
    return Calculator(log=history, shard=shard, store=open_store(name, shard=shard, history=history), pace=pace)


class Service:
    """The worker with all that belongs to it; what was started last is stopped first."""

    def __init__(self, *, shard: int, name: str) -> None:
        self.calculator = configured(shard=shard, name=name)
        store, changes = self.calculator.store, self.calculator.changes
        self.damage = Damage(store_path(name))
        self.rebuilder = Rebuilder(store, name)
        door = Door(store=store, changes=changes, secret=settings.INTERNAL_SECRET, on_error=self.damage.note)
        self.server = DoorServer(door)
        self.heart = Heart(self.calculator, name=name, address=self.server.address)

    def start(self, *, when_replaced: Callable[[], None]) -> None:
        self.server.start()
        try:
            self.heart.start(when_replaced)
        except Exception:
            self.server.stop()
            self.calculator.close()
            raise

    def step(self) -> bool:
        with self.damage.watching():
            rebuilt = self.rebuilder.step()
            return self.calculator.step() or rebuilt

    def close(self) -> None:
        self.heart.stop()
        self.server.stop()
        self.calculator.close()


def open_store(name: str, *, shard: int, history: History) -> Store:
    """The store of that name; one that cannot serve is set aside and made anew from a snapshot and the log."""
    config = settings.CONFIG.calculator
    return Healer(
        store_path(name),
        shard=shard,
        history=history,
        memory_limit_mb=config.memory_limit_mb,
        threads=config.threads,
    ).open()


class Heart:
    """Tells the blackboard where the calculator stands, and says so when its place was given to another."""

    def __init__(self, calculator: Calculator, *, name: str, address: str) -> None:
        self.calculator, self.name, self.address = calculator, name, address
        self._reader = calculator.store.reader()
        self._interval_s = settings.CONFIG.board.heartbeat_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

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
        events, seconds = self.calculator.tether(now_ms())
        shard, standing = self.calculator.shard, self.calculator.store.standing
        metrics.TETHER_EVENTS.labels(shard).set(events)
        metrics.TETHER_SECONDS.labels(shard).set(seconds)
        metrics.note_fates(shard, self._reader.execute("SELECT fate, count FROM fates").fetchall())
        seat = board.beat(
            self._membership,
            position=standing.position,
            epoch=standing.epoch,
            tether_events=events,
            tether_seconds=seconds,
        )
        if seat is None:
            log.error("replaced", shard=shard, why="another calculator has taken this one's place")
            self._when_replaced()
