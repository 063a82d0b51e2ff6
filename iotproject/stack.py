"""The stack: every process of ours on this machine, kept alive and stopped in order."""

import fcntl
import os
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO

import structlog

from iotproject.child import Child
from iotproject.programs import Program

log = structlog.get_logger(__name__)

LOOK_S = 0.1


class AlreadyRunning(Exception):
    """Another stack uses this data directory; the message says which process."""


class Stack:
    """A worker that keeps its programs running: one that dies is started again, with pauses if it dies at once.

    What they write goes to `output`, or where this process's own errors go.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        output: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock
        self.children = [Child(program, start_at=clock() + program.delay_s, output=output) for program in programs]

    def step(self) -> bool:
        now = self.clock()
        for child in self.children:
            child.tend(now)
        return False

    def close(self) -> None:
        """Stops stage by stage; who does not stop in its time is killed."""
        for child in self.children:
            if child.program.forewarned:
                child.terminate()
        ordered = sorted(self.children, key=_stage)
        for _, stage in groupby(ordered, key=_stage):
            self._stop(list(stage))
        log.info("stopped")

    def _stop(self, children: Sequence[Child]) -> None:
        for child in children:
            if not child.program.forewarned:
                child.terminate()
        end = self.clock() + max(child.program.patience_s for child in children)
        while self.clock() < end and not all(child.gone() for child in children):
            time.sleep(LOOK_S / 2)
        for child in children:
            child.kill()


def _stage(child: Child) -> int:
    return child.program.stage


class Errand:
    """A worker that runs programs which end by themselves, all at once; `step` is False when all have ended."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self.children = [Child(program, start_at=0.0) for program in programs]
        for child in self.children:
            child.tend(0.0)

    def step(self) -> bool:
        time.sleep(LOOK_S)
        return not all(child.gone() for child in self.children)

    def failed(self) -> list[str]:
        """The names of the programs that did not end with status 0."""
        return [child.program.name for child in self.children if child.process is None or child.process.returncode]

    def close(self) -> None:
        for child in self.children:
            if not child.gone():
                child.kill()


def sole(data_dir: Path) -> IO[str]:
    """A lock that lasts as long as the returned file is open; raises `AlreadyRunning`."""
    file = (data_dir / "stack.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        raise AlreadyRunning(
            f"Process {file.read() or '?'} already runs a stack on {data_dir}; stop it first."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
