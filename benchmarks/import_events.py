"""`import_events` until the API answers with all of it: 1,000 devices, 10 % late, every unit."""

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figure import Figure, show
from benchmarks.fleet import write_files
from benchmarks.site import Api, fresh_stack

EVENTS = 1_000_000
RUNS = 3


def main(events: int = EVENTS, runs: int = RUNS) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        files = write_files(Path(folder), events)
        rates = [events / _seconds(files, events) for _ in range(runs)]
    how = f"{events:,} events, a fresh stack each of {runs} runs, from the start of the command to ledger pending 0"
    return [Figure(name="import → answerable", target=80_000, values=rates, unit="events/s", how=how)]


def _seconds(files: list[Path], events: int) -> float:
    with fresh_stack() as stack:
        api = Api(stack)
        began = time.perf_counter()
        done = stack.manage("import_events", *map(str, files), "--register")
        assert done.returncode == 0, done.stderr
        api.settle(events)
        seconds = time.perf_counter() - began
        total = api.get("dashboard/metrics")["ledger"]
        assert total["received"] == events, total
        return seconds


if __name__ == "__main__":
    show(main(*map(int, sys.argv[1:])))
