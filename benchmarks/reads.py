"""People who read all the time, in threads of their own, and how long each answer took them."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.figure import percentile

THREADS = 4

Check = Callable[[str, dict[str, Any]], None]


@dataclass(slots=True)
class Reads:
    """`took` are (moment, seconds) of every read answered 200, `failed` what the others were answered."""

    took: list[tuple[float, float]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def percentile(self, share: float, since: float = 0.0, until: float = float("inf")) -> float:
        return percentile([seconds for at, seconds in self.took if since <= at < until], share)


@contextmanager
def reading(
    address: str, headers: dict[str, str], rate: int, paths: Sequence[str], check: Check | None = None
) -> Iterator[Reads]:
    """`rate` reads a second of these paths below /api/v1/ in turn; `check` sees every answer with its path."""
    reads, stopping, ahead = Reads(), threading.Event(), itertools.cycle(paths)
    arguments = (address, headers, rate / THREADS, ahead, reads, stopping, check)
    threads = [threading.Thread(target=_read, args=arguments, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield reads
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _read(  # noqa: PLR0913
    address: str,
    headers: dict[str, str],
    rate: float,
    paths: Iterator[str],
    reads: Reads,
    stopping: threading.Event,
    check: Check | None,
) -> None:
    with httpx.Client(base_url=f"{address}/api/v1/", headers=headers, timeout=30) as client:
        turn = time.monotonic()
        while not stopping.is_set():
            _once(client, next(paths), reads, check)
            turn = max(turn + 1 / rate, time.monotonic() - 1)
            stopping.wait(max(0.0, turn - time.monotonic()))


def _once(client: httpx.Client, path: str, reads: Reads, check: Check | None) -> None:
    began = time.perf_counter()
    try:
        answer = client.get(path)
    except httpx.HTTPError as error:
        reads.failed.append(f"{path}: {error!r}")
        return
    reads.took.append((time.monotonic(), time.perf_counter() - began))
    if answer.status_code != 200:
        reads.failed.append(f"{path}: {answer.status_code} {answer.text}")
    elif check is not None:
        check(path, answer.json())
