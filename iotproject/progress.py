"""How far a long command is: a bar on a terminal, otherwise a line every few seconds, always on standard error."""

import sys
import time
from collections.abc import Callable
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

LINE_EVERY_S = 5.0


class Meter(Protocol):
    """`show` says what is being done, how far it is (0 … 1) and how many events that is."""

    def show(self, what: str, fraction: float, events: int) -> None: ...

    def close(self) -> None: ...


def meter(stream: TextIO = sys.stderr, clock: Callable[[], float] = time.monotonic) -> Meter:
    return Bar(stream) if stream.isatty() else Lines(stream, clock)


class Bar:
    def __init__(self, stream: TextIO) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[events]:,} events"),
            TimeElapsedColumn(),
            console=Console(file=stream),
        )
        self._tasks: dict[str, TaskID] = {}
        self._progress.start()

    def show(self, what: str, fraction: float, events: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=1.0, events=0)
        self._progress.update(self._tasks[what], completed=fraction, events=events)

    def close(self) -> None:
        self._progress.stop()


class Lines:
    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._next = clock() + LINE_EVERY_S

    def show(self, what: str, fraction: float, events: int) -> None:
        if self._clock() >= self._next:
            self._next = self._clock() + LINE_EVERY_S
            self._stream.write(f"{what}: {fraction:.0%}, {events:,} events\n")
            self._stream.flush()

    def close(self) -> None:
        return None
