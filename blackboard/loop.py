"""One loop that runs any worker: it owns the clock, the signals, the waiting and the stopping."""

import signal
import threading
import time
from types import FrameType
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)


class Worker(Protocol):
    """A plain object whose `step` does one piece of work and says whether it found any."""

    def step(self) -> bool: ...

    def close(self) -> None: ...


class Loop:
    """Runs `worker.step()` until stopped, resting `idle_s` seconds whenever there was nothing to do.

    With `until_idle` it ends after `idle_rounds` steps in a row that found nothing.
    """

    def __init__(self, worker: Worker, *, idle_s: float = 0.05, until_idle: bool = False, idle_rounds: int = 3) -> None:
        self.worker = worker
        self.idle_s = idle_s
        self.until_idle = until_idle
        self.idle_rounds = idle_rounds
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        self._listen_to_signals()
        try:
            self._work()
        finally:
            self.worker.close()

    def _work(self) -> None:
        idle = 0
        while not self._stopping.is_set():
            idle = 0 if self.worker.step() else idle + 1
            if self.until_idle and idle >= self.idle_rounds:
                return
            if idle:
                self._stopping.wait(self.idle_s)

    def _listen_to_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        log.info("stopping", signal=signal.Signals(number).name)
        self.stop()


def now_ms() -> int:
    """The wall clock in whole milliseconds since 1970; only loops and doors to the outside may ask it."""
    return time.time_ns() // 1_000_000
