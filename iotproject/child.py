"""One supervised program: started, watched, started again, stopped."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog

from iotproject.config import ROOT
from iotproject.parentage import child_of
from iotproject.programs import Program

log = structlog.get_logger(__name__)

SETTLED_S = 5.0
"""Who lived so long had started well: it is started again at once."""

LONGEST_PAUSE_S = 10.0


@dataclass
class Child:
    """`start_at` is when it should be started, on the caller's clock; None while it runs."""

    program: Program
    start_at: float | None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause_s: float = 0.0
    output: Path | None = None

    def tend(self, now: float) -> None:
        """Starts it when its time has come; plans the next start when it has died."""
        if self.process and self.process.poll() is not None:
            self._bury(now)
        if self.start_at is not None and now >= self.start_at:
            self._start(now)

    def _start(self, now: float) -> None:
        self.process = start(self.program, self.output)
        self.started_at, self.start_at = now, None
        log.info("started", program=self.program.name, pid=self.process.pid)

    def _bury(self, now: float) -> None:
        status = self._forget()
        quick = now - self.started_at < SETTLED_S
        self.pause_s = min(max(0.5, self.pause_s * 2), LONGEST_PAUSE_S) if quick else 0.0
        self.start_at = now + self.pause_s
        log.warning("died", program=self.program.name, status=status, starts_again_in_s=self.pause_s)

    def terminate(self) -> None:
        if self.process:
            self.process.terminate()

    def gone(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """Ends whatever is left of it, its own children included."""
        if self.process:
            if self.process.poll() is None:
                log.warning("killed", program=self.program.name, pid=self.process.pid)
            self._forget()

    def _forget(self) -> int:
        assert self.process is not None
        kill_group(self.process.pid)
        status = self.process.wait()
        self.process = None
        return status


def start(program: Program, output: Path | None = None) -> subprocess.Popen[bytes]:
    """A process of its own session, so that Ctrl-C reaches only the supervisor, which stops all in order."""
    with ExitStack() as opened:
        file = opened.enter_context(output.open("ab")) if output else None
        return subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), *program.arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            pass_fds=program.fds,
            preexec_fn=child_of(os.getpid()),
        )


def kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
