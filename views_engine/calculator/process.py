"""A calculator as a process: the worker, its private door, and its word to the blackboard."""

import os
import socket
import threading
import time
from pathlib import Path

import structlog
from django.conf import settings

from blackboard import board
from blackboard.loop import Loop, now_ms
from events.log import get_log
from events.log.base import Log
from events.segments import History
from views_engine.calculator import metrics
from views_engine.calculator.door_server import DoorServer
from views_engine.calculator.serving import Door
from views_engine.calculator.store import Store, StoreUnusable
from views_engine.calculator.worker import Calculator, Pace

DAY_MS = 86_400_000

log = structlog.get_logger(__name__)


def run(*, shard: int, name: str, until_idle: bool = False) -> None:
    """Runs one calculator until it is told to stop, or has caught up, or somebody else took its place."""
    config = settings.CONFIG
    store = open_store(store_path(name))
    source = get_log()
    calculator = Calculator(
        log=History.from_settings(source),
        shard=shard,
        store=store,
        pace=Pace(
            events_per_step=config.calculator.events_per_step,
            fold_rows=config.calculator.fold_rows,
            keep_corrections_ms=round(config.calculator.keep_corrections_days * DAY_MS),
        ),
    )
    door = Door(store=store, changes=calculator.changes, secret=settings.INTERNAL_SECRET)
    server = DoorServer(door)
    server.start()
    loop = Loop(calculator, idle_s=0.02, until_idle=until_idle)
    heart = Heart(calculator, source, name=name, address=server.address, loop=loop)
    heart.start()
    try:
        loop.run()
    finally:
        heart.stop()
        server.stop()


def store_path(name: str) -> Path:
    """Where the calculator of that name keeps its store."""
    path: Path = settings.DATA_DIR / "views" / f"{name}.duckdb"
    return path


def open_store(path: Path) -> Store:
    """The store at `path`; one that is damaged is set aside, and the views are rebuilt from the log."""
    config = settings.CONFIG.calculator
    try:
        return Store.open(path, memory_limit_mb=config.memory_limit_mb, threads=config.threads)
    except StoreUnusable as error:
        if "lock" in str(error):
            raise
        metrics.SET_ASIDE.inc()
        aside = set_aside(path)
        log.exception("store_set_aside", path=str(path), kept_as=str(aside), reason=str(error))
        return Store.open(path, memory_limit_mb=config.memory_limit_mb, threads=config.threads)


def set_aside(path: Path) -> Path:
    """Moves a store and its write-ahead log out of the way; returns where it lies now."""
    aside = path.with_name(f"{path.name}.broken-{now_ms()}")
    for suffix in ("", ".wal"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


class Heart:
    """Tells the blackboard where the calculator stands; stops the loop when its place was given to another."""

    def __init__(self, calculator: Calculator, source: Log, *, name: str, address: str, loop: Loop) -> None:
        self.calculator, self.source, self.loop = calculator, source, loop
        self._interval_s = settings.CONFIG.board.heartbeat_s
        self._membership = board.register(
            name=name, host=socket.gethostname(), pid=os.getpid(), shard=calculator.shard, address=address
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)

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
        seat = board.beat(
            self._membership,
            position=standing.position,
            epoch=standing.epoch,
            tether_events=events,
            tether_seconds=seconds,
        )
        if seat is None:
            log.error("replaced", shard=shard, why="another calculator has taken this one's place")
            self.loop.stop()
