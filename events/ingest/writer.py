"""One writer for all requests: what waits while the log is busy goes in together with one durable write."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from time import perf_counter

from commandline.crash_points import crash_point
from events.ingest import metrics
from events.log.base import Entry, Log, LogUnavailable, Topic, shard_of
from events.records import Source, raw_entry

EVENTS_PER_WRITE = 200_000
BYTES_PER_RECORD = 512 * 1024
MAX_WAITING_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    lines: Sequence[bytes]
    devices: Sequence[str]
    size: int
    written: asyncio.Future[None]


class Writer:
    """`write` returns when its lines are durable in the raw log, in the order of the calls.

    Each write to the log takes all requests that wait, at most about `EVENTS_PER_WRITE` events; when it fails, these
    requests fail with its error and the next ones are tried anew. `clock` gives milliseconds since 1970.
    """

    def __init__(self, log: Log, *, clock: Callable[[], int], max_waiting_bytes: int = MAX_WAITING_BYTES) -> None:
        self._log = log
        self._clock = clock
        self._max_waiting_bytes = max_waiting_bytes
        self._queue: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="raw-log")

    async def write(self, lines: Sequence[bytes], devices: Sequence[str]) -> None:
        """Raises `LogUnavailable`, and then none of the lines is in the log."""
        size = sum(map(len, lines))
        if self._waiting_bytes and self._waiting_bytes + size > self._max_waiting_bytes:
            raise LogUnavailable("too much waits to be written")
        request = _Waiting(lines, devices, size, asyncio.get_running_loop().create_future())
        self._queue.append(request)
        self._waiting_bytes += size
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_all())
        await asyncio.shield(request.written)

    def close(self) -> None:
        """Waits for a write that is under way."""
        self._thread.shutdown()

    async def _write_all(self) -> None:
        while self._queue:
            group = list(self._next_group())
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._append, group)
            except Exception as error:  # whatever it is, those who wait must hear of it
                for request in group:
                    request.written.set_exception(error)
            else:
                for request in group:
                    request.written.set_result(None)
            self._waiting_bytes -= sum(request.size for request in group)

    def _next_group(self) -> Iterator[_Waiting]:
        events = 0
        while self._queue and (not events or events + len(self._queue[0].lines) <= EVENTS_PER_WRITE):
            events += len(self._queue[0].lines)
            yield self._queue.popleft()

    def _append(self, group: list[_Waiting]) -> None:
        started = perf_counter()
        crash_point("door.before_append")
        self._log.append(Topic.RAW, list(entries(group_lines(group, self._log.shards), self._clock())))
        crash_point("door.after_append")
        metrics.append_seconds.observe(perf_counter() - started)


def group_lines(group: Sequence[_Waiting], shards: int) -> dict[int, list[bytes]]:
    """All lines of these requests by shard, in order."""
    if shards == 1:
        return {0: [line for request in group for line in request.lines]}
    by_shard: defaultdict[int, list[bytes]] = defaultdict(list)
    shard_by_device: dict[str, int] = {}
    for request in group:
        for line, device in zip(request.lines, request.devices, strict=True):
            shard = shard_by_device.get(device)
            if shard is None:
                shard = shard_by_device[device] = shard_of(device, shards)
            by_shard[shard].append(line)
    return dict(by_shard)


def entries(by_shard: dict[int, list[bytes]], received_at: int) -> Iterator[Entry]:
    """Raw records of these lines, each of about `BYTES_PER_RECORD` at most."""
    for shard, lines in by_shard.items():
        per_record = max(1, BYTES_PER_RECORD * len(lines) // (1 + sum(map(len, lines))))
        rest = iter(lines)
        while some := list(islice(rest, per_record)):
            yield raw_entry(some, shard=shard, received_at=received_at, source=Source.DOOR)
