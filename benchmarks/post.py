"""`POST /api/v1/events` until it is acknowledged and durable: NDJSON batches, and single events."""

import asyncio
import sys

from benchmarks.figure import Figure, show
from benchmarks.fleet import bodies
from benchmarks.http import post_all
from benchmarks.site import Api, fresh_stack
from tests.stack.running import RunningStack

EVENTS = 1_000_000
BATCH = 5_000
SINGLES = 20_000
RUNS = 3


def main(events: int = EVENTS, singles: int = SINGLES, runs: int = RUNS) -> list[Figure]:
    with fresh_stack() as stack:
        way = Way(stack)
        # The first batch registers the devices; only a fleet that is new pays for that.
        way.rate(BATCH, BATCH, connections=1)
        batched = [way.rate(events, BATCH, connections=4) for _ in range(runs)]
        single = [way.rate(singles, 1, connections=32) for _ in range(runs)]
    how = f"{runs} runs of {{}}, the whole stack running beside; every answer 202, ledger balanced after each run"
    batches = how.format(f"{events:,} events in bodies of {BATCH:,} over 4 connections")
    ones = how.format(f"{singles:,} events one by one over 32 connections")
    return [
        Figure(name="POST NDJSON → durable", target=100_000, values=batched, unit="events/s", how=batches),
        Figure(name="POST one event → durable", target=1_500, values=single, unit="requests/s", how=ones),
    ]


class Way:
    """Posts, measures, and waits until all of it is applied before the next run."""

    def __init__(self, stack: RunningStack) -> None:
        self.address, self.api = stack.address, Api(stack)
        self.headers = {**stack.gateway(), "Content-Type": "application/x-ndjson"}
        self.received = self.runs = 0

    def rate(self, events: int, each: int, *, connections: int) -> float:
        """Events a second, all of them acknowledged."""
        posted = list(bodies(events, each, month=self.runs))
        seconds = asyncio.run(post_all(self.address, self.headers, posted, connections))
        self.runs += 1
        self.received += events
        self.api.settle(self.received)
        return events / seconds


if __name__ == "__main__":
    show(main(*map(int, sys.argv[1:])))
