"""A million late events at once: what readers feel while they are repaired, and that no answer is half-repaired."""

import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure, show
from benchmarks.reads import reading
from benchmarks.site import Api, fresh_stack
from events.simulation.fleet import START_S, generate
from tests.stack.running import RunningStack

EVENTS = 1_000_000
DEVICES = 1000
READS = 20
QUIET_S = 20
HOUR_S = 3600.0
PATHS = (
    "dashboard/metrics",
    "metrics/temperature?device_id=cold-0001&resolution=1h",
    "metrics/temperature?device_id=cold-0002&resolution=1d",
    "metrics/location?device_id=cold-0003&resolution=1h",
    "events?device_id=room-0004&order=desc&limit=50",
)


def main(events: int = EVENTS) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, fresh_stack() as stack:
        api = Api(stack)
        newest, buffered = _files(Path(folder), events)
        watch = Watch()
        _import(stack, newest[0])
        api.settle(_lines(newest[0]))
        with reading(stack.address, api.headers, READS, PATHS, watch.see) as reads:
            time.sleep(QUIET_S)
            on_time = time.monotonic()
            _import(stack, newest[1])
            api.settle(_lines(*newest))
            began = time.monotonic()
            _import(stack, buffered)
            api.settle(_lines(*newest, buffered))
            ended = time.monotonic()
        plans = [epoch["plan"] for epoch in api.get("epochs", limit=1000)["results"]]
    before, busy = reads.percentile(0.99, until=on_time), reads.percentile(0.99, on_time, began)
    during = reads.percentile(0.99, began, ended)
    how = (
        f"{events:,} late events (a day's buffer of {DEVICES:,} devices) by import in {ended - began:.0f} s, "
        f"{plans.count('handover')} of {len(plans)} epochs by handover, {READS} reads/s; p99 before {before:.3f} s, "
        f"while as many events come on time {busy:.3f} s, during {during:.3f} s"
    )
    assert "handover" in plans, plans
    quiet, load = "handover: p99 of reads ÷ on a quiet day", "handover: p99 of reads ÷ while as many come on time"
    return [
        Figure(name=quiet, target=1.5, values=[during / before], unit="×", how=how, lower=True),
        Figure(name=load, target=1.5, values=[during / busy], unit="×", how=how, lower=True),
        Figure(name="handover: failed reads", target=0, values=[len(reads.failed)], unit="", how=how, lower=True),
        Figure(
            name="handover: versions with two answers",
            target=0,
            values=[watch.contradictions],
            unit="",
            how=f"{watch.seen:,} answers compared by path and version{watch.first}",
            lower=True,
        ),
    ]


class Watch:
    """The same question at the same version must have the same answer, whoever gives it and whenever."""

    def __init__(self) -> None:
        self.seen = self.contradictions = 0
        self.first = ""
        self._known: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def see(self, path: str, answer: dict[str, Any]) -> None:
        if "results" not in answer:
            return
        with self._lock:
            self.seen += 1
            key = path, repr(answer["version"])
            known = self._known.setdefault(key, answer["results"])
            if known != answer["results"]:
                self.contradictions += 1
                self.first = self.first or f"; first of {path} at {key[1]}: {_difference(known, answer['results'])}"


def _difference(one: list[Any], other: list[Any]) -> str:
    """Where two answers begin to differ."""
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"rows {len(one)} and {len(other)}, row {place}: {one[place : place + 1]} and {other[place : place + 1]}"


def _files(folder: Path, events: int) -> tuple[list[Path], Path]:
    """What the fleet sends of these hours, on time, and what it kept of the days before."""
    newest, buffered = [folder / "first.ndjson", folder / "newest.ndjson"], folder / "buffered.ndjson"
    _write(newest[0], 60_000, START_S + 24 * HOUR_S, 1)
    _write(newest[1], events, START_S + 48 * HOUR_S, 3)
    _write(buffered, events, START_S, 2)
    return newest, buffered


def _write(file: Path, events: int, start_s: float, seed: int) -> None:
    lines = (line for _, line in generate(DEVICES, events, 0.0, seed, start_s=start_s, stamped=False))
    file.write_bytes(b"\n".join(lines) + b"\n")


def _lines(*files: Path) -> int:
    return sum(file.read_bytes().count(b"\n") for file in files)


def _import(stack: RunningStack, file: Path) -> None:
    done = stack.manage("import_events", str(file), "--register")
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    show(main(*map(int, sys.argv[1:])))
