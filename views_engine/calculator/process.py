"""A calculator as a process: the worker, its private door, and its word to the blackboard."""

import sys
from collections.abc import Callable

from django.conf import settings

from blackboard.loop import Loop
from events.log import get_log
from events.segments import History
from views_engine.alerts.mirror import Mirror, MirrorThread
from views_engine.alerts.source import StoreSource
from views_engine.calculator.damage import Damage
from views_engine.calculator.door_server import DoorServer
from views_engine.calculator.files import store_path
from views_engine.calculator.healing import Healer
from views_engine.calculator.heart import Heart
from views_engine.calculator.rebuilder import Rebuilder
from views_engine.calculator.serving import Door
from views_engine.calculator.store import Store
from views_engine.calculator.worker import Calculator, Pace

DAY_MS = 86_400_000
SWITCH_S = 0.001
"""How long the worker's thread may keep a reader's waiting for the interpreter; by default five times as long, several
times a read."""


def run(*, shard: int, name: str, until_idle: bool = False) -> None:
    """Runs one calculator until it is told to stop, or has caught up, or somebody else took its place."""
    sys.setswitchinterval(SWITCH_S)
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
        self.calculator.defers = self.heart.defers
        source = StoreSource(store, shard)
        mirror = Mirror(source, shard, lambda: self.heart.fence, mirrored=door.mirrored, tell=changes.tell)
        self.mirroring = MirrorThread(mirror, on_error=self.damage.note)

    def start(self, *, when_replaced: Callable[[], None]) -> None:
        self.server.start()
        try:
            self.heart.start(when_replaced)
        except Exception:
            self.server.stop()
            self.calculator.close()
            raise
        self.mirroring.start()

    def step(self) -> bool:
        with self.damage.watching():
            rebuilt = self.rebuilder.step()
            return self.calculator.step() or rebuilt or self.mirroring.wait_if_behind()

    def close(self) -> None:
        self.mirroring.stop()
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
