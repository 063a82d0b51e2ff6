"""Memory of the whole stack while the demo runs: the sum of PSS over all its processes, the peak of a minute."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.figure import Figure, show
from tests.stack.running import ROOT, below, free_port

SECONDS = 120


def main(seconds: int = SECONDS) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        port = free_port()
        demo = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "IOT_DATA_DIR": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for_page(f"http://127.0.0.1:{port}/readyz")
            peaks = [megabytes(demo.pid) for _ in _every_second(seconds)]
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(60)
    how = f"sum of PSS of every process of the demo, once a second for {seconds} s, first page to end"
    return [Figure(name="memory of the whole stack", target=1500, values=peaks, unit="MB", how=how, lower=True)]


def megabytes(pid: int) -> float:
    """PSS of a process and all below it: memory that several share is counted once."""
    return sum(_pss(one) for one in (pid, *below(pid))) / 1000**2


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def wait_for_page(address: str, timeout_s: float = 120) -> None:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        try:
            if httpx.get(address, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise AssertionError(f"{address} never answered 200")


def _every_second(seconds: int) -> Iterator[int]:
    for second in range(seconds):
        yield second
        time.sleep(1)


if __name__ == "__main__":
    show(main(*map(int, sys.argv[1:])))
