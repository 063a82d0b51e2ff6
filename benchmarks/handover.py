"""A million late events at once: what readers feel while they are repaired, and that no answer is half-repaired."""

import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure, show
from benchmarks.reads import Reads, reading
from benchmarks.site import Api, fresh_stack
from events.simulation.fleet import START_S, generate

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


@dataclass(frozen=True, slots=True)
class Run:
    """What readers saw; as many events as late ones came on time from `on_time`, the late ones from `late` to `end`."""

    events: int
    plans: list[str]
    reads: Reads
    watch: "Watch"
    on_time: float
    late: float
    end: float


def main(events: int = EVENTS) -> list[Figure]:
    run = _run(events)
    assert "handover" in run.plans, run.plans
    quiet = run.reads.percentile(0.99, until=run.on_time)
    busy = run.reads.percentile(0.99, run.on_time, run.late)
    during = run.reads.percentile(0.99, run.late, run.end)
    how = (
        f"{events:,} late events (a day's buffer of {DEVICES:,} devices) by import in {run.end - run.late:.0f} s, "
        f"{run.plans.count('handover')} of {len(run.plans)} epochs by handover, {READS} reads/s; p99 before "
        f"{quiet:.3f} s, while as many events come on time {busy:.3f} s, during {during:.3f} s"
    )
    compared = f"{run.watch.seen:,} answers compared by path and version{run.watch.first}"
    return [
        _figure("p99 of reads ÷ on a quiet day", during / quiet, how, target=1.5, unit="×"),
        _figure("p99 of reads ÷ while as many come on time", during / busy, how, target=1.5, unit="×"),
        _figure("failed reads", len(run.reads.failed), how),
        _figure("versions with two answers", run.watch.contradictions, compared),
    ]


def _figure(name: str, value: float, how: str, *, target: float = 0, unit: str = "") -> Figure:
    return Figure(name=f"handover: {name}", target=target, values=[value], unit=unit, how=how, lower=True)


def _run(events: int) -> Run:
    """A first day, a quiet while, a day that comes on time, and then what the devices kept of the day before."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, fresh_stack() as stack:
        api, watch = Api(stack), Watch()
        files = _files(Path(folder), events)
        _import(api, files[:1])
        with reading(stack.address, api.headers, READS, PATHS, watch.see) as reads:
            time.sleep(QUIET_S)
            on_time = time.monotonic()
            _import(api, files[:2])
            late = time.monotonic()
            _import(api, files[:3])
            end = time.monotonic()
        plans = [epoch["plan"] for epoch in api.get("epochs", limit=1000)["results"]]
    return Run(events, plans, reads, watch, on_time, late, end)


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


def _files(folder: Path, events: int) -> list[Path]:
    """What the fleet sends of two days, on time, and then what it kept of the day before them."""
    days = ((60_000, START_S + 24 * HOUR_S), (events, START_S + 48 * HOUR_S), (events, START_S))
    files = [folder / f"{n}.ndjson" for n in range(len(days))]
    for seed, (file, (count, start_s)) in enumerate(zip(files, days, strict=True)):
        _write(file, count, start_s, seed)
    return files


def _write(file: Path, events: int, start_s: float, seed: int) -> None:
    lines = (line for _, line in generate(DEVICES, events, 0.0, seed, start_s=start_s, stamped=False))
    file.write_bytes(b"\n".join(lines) + b"\n")


def _import(api: Api, files: Sequence[Path]) -> None:
    """Imports the last of these files, and waits until the events of all are applied."""
    done = api.stack.manage("import_events", str(files[-1]), "--register")
    assert done.returncode == 0, done.stderr
    api.settle(sum(file.read_bytes().count(b"\n") for file in files))


if __name__ == "__main__":
    show(main(*map(int, sys.argv[1:])))
