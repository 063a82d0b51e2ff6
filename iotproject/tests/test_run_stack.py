"""The real processes: what is killed comes back, what is told to stop leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from iotproject.config import ROOT

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]

STARTS_WITHIN_S = 90
STOPS_WITHIN_S = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], bool], *, within_s: float) -> None:
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


class Running:
    """A stack of its own, with its data directory and port."""

    def __init__(self, data_dir: Path) -> None:
        self.port = free_port()
        self.log = (data_dir / "stack.log").open("w")
        self.environment = {**os.environ, "IOT_DATA_DIR": str(data_dir)}
        self.process = self.start("run_stack", "--port", str(self.port))

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.Popen(command, env=self.environment, stdout=self.log, stderr=self.log)

    def ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def family(self) -> dict[int, str]:
        """The command line of every process of this stack, by process id."""
        return {pid: line for pid in _pids() if self.owns(pid) and (line := _command_line(pid))}

    def owns(self, pid: int) -> bool:
        try:
            content = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False
        return f"IOT_DATA_DIR={self.environment['IOT_DATA_DIR']}".encode() in content.split(b"\0")

    def pid_of(self, command: str) -> int | None:
        return next((pid for pid, line in self.family().items() if command in line.split("\0")), None)


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path)
    try:
        until(running.ready, within_s=STARTS_WITHIN_S)
        yield running
    finally:
        for pid in running.family():
            if pid != os.getpid():
                os.kill(pid, signal.SIGKILL)
        running.process.wait()
        running.log.close()


def test_what_is_killed_comes_back_and_the_end_is_clean(stack: Running) -> None:
    for command in ("run_calculator", "run_web"):
        killed = stack.pid_of(command)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        until(lambda gone=killed, name=command: stack.pid_of(name) not in (None, gone), within_s=30)  # type: ignore[misc]
    until(stack.ready, within_s=STARTS_WITHIN_S)

    stack.process.terminate()

    assert stack.process.wait(STOPS_WITHIN_S) == 0
    assert stack.family() == {}


def test_no_process_outlives_a_killed_supervisor(stack: Running) -> None:
    stack.process.kill()

    until(lambda: not [pid for pid in stack.family() if pid != stack.process.pid], within_s=10)


def test_a_second_stack_on_the_same_data_is_refused_in_one_sentence(stack: Running) -> None:
    second = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "run_stack", "--port", str(free_port())],
        env=stack.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 2
    assert "already runs a stack" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "run_stack", "--port", port],
            env={**os.environ, "IOT_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert refused.returncode == 2
    assert f"Port {port} on 127.0.0.1 is already in use" in refused.stderr
    assert "Traceback" not in refused.stderr
