"""A real stack in a data directory of its own: started, spoken to, looked into, stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import httpx

ROOT = Path(__file__).resolve().parents[2]


class NotReady(AssertionError):
    """What was waited for did not come; the message ends with the last words of the stack."""


class RunningStack:
    """`run_stack` on a free port. Everything it starts dies with it."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "IOT_DATA_DIR": str(data_dir),
            "IOT_LOGGING__FORMAT": "json",
            **(environment or {}),
        }
        self.words = data_dir / "stack.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        with self.words.open("ab") as words:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run_stack", "--port", str(self.port), *options],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )

    def wait_until_ready(self, timeout_s: float = 60) -> None:
        self.wait_for(self.ready, timeout_s, "the stack to be ready")

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def wait_for(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > end:
                raise NotReady(f"waited {timeout_s:.0f} s for {what}; last words:\n{self.last_words()}")
            time.sleep(0.1)

    def last_words(self, letters: int = 3000) -> str:
        return self.words.read_bytes()[-letters:].decode(errors="replace")

    def stop(self, timeout_s: float = 30) -> int:
        """SIGTERM, as an operator would; the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout_s)
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL for the supervisor; the kernel ends its children."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def manage(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    def gateway(self) -> dict[str, str]:
        """Headers of a gateway that may speak for any device, known or not."""
        return _bearer(self.manage("issue_token", "gateway", "load", "--register"))

    def administrator(self) -> dict[str, str]:
        """Headers of a person who may see everything."""
        self.manage(
            "createsuperuser",
            "--noinput",
            "--username",
            "root",
            "--email",
            "",
            DJANGO_SUPERUSER_PASSWORD="not a secret",
        )
        return _bearer(self.manage("issue_token", "user", "root"))

    def processes(self) -> dict[int, str]:
        """Every process below the supervisor, and its command line."""
        return {pid: _command(pid) for pid in below(self.process.pid)} if self.process else {}


@contextmanager
def store_of(data_dir: Path, shard: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
    """The view store of a stack that has stopped."""
    connection = duckdb.connect(str(data_dir / "views" / f"calculator-{shard}.duckdb"), read_only=True)
    try:
        yield connection
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: Any = probe.getsockname()[1]
        return int(port)


def _bearer(issued: subprocess.CompletedProcess[str]) -> dict[str, str]:
    assert issued.returncode == 0, issued.stderr
    return {"Authorization": f"Bearer {issued.stdout.strip()}"}


def below(pid: int) -> list[int]:
    """The processes that descend from this one."""
    try:
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []
    return [*children, *(grandchild for child in children for grandchild in below(child))]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    except OSError:
        return ""
