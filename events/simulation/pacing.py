"""Events at their time: as fast as they can be taken, or each when its moment has come."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa

from events.simulation.fleet import Burst
from events.simulation.sinks import Sink

TICK_S = 0.2
MOST_AT_ONCE = 10_000


class Sender:
    """Sends bursts to a sink until `most` events are sent or `stopped` says so."""

    def __init__(self, sink: Sink, *, most: int | None, stopped: Callable[[], bool]) -> None:
        self._sink, self._most, self._stopped = sink, most, stopped
        self.sent = 0

    @property
    def done(self) -> bool:
        return self._stopped() or (self._most is not None and self.sent >= self._most)

    def send(self, burst: Burst) -> None:
        for first in range(0, len(burst), MOST_AT_ONCE):
            if self.done:
                return
            count = MOST_AT_ONCE if self._most is None else min(MOST_AT_ONCE, self._most - self.sent)
            lines = burst.lines.slice(first, count).cast("binary").to_pylist()
            self._sink.send(int(burst.received[first]), lines)
            self.sent += len(lines)

    def fast(self, bursts: Iterable[Burst]) -> None:
        for burst in bursts:
            if self.done:
                return
            self.send(burst)

    def paced(self, bursts: Iterable[Burst], *, clock: Callable[[], float], rest: Callable[[float], object]) -> None:
        """Each event when `clock` (seconds since 1970) has reached its receive time."""
        for burst in _in_time(bursts, clock, rest, lambda: self.done):
            self.send(burst)


def _in_time(
    bursts: Iterable[Burst], clock: Callable[[], float], rest: Callable[[float], object], done: Callable[[], bool]
) -> Iterator[Burst]:
    for burst in bursts:
        first = 0
        while first < len(burst) and not done():
            due = int(np.searchsorted(burst.received, int(clock() * 1000), side="right"))
            if due > first:
                yield Burst(burst.received[first:due], burst.lines.slice(first, due - first))
                first = due
            else:
                rest(TICK_S)
        if done():
            return


def merged(first: Iterable[Burst], second: Iterable[Burst]) -> Iterator[Burst]:
    """Two streams as one, in order of arrival; each is in order by itself."""
    left, right = iter(first), iter(second)
    a, b = next(left, None), next(right, None)
    while a is not None and b is not None:
        end = min(a.received[-1], b.received[-1])
        a_due, b_due = (int(np.searchsorted(one.received, end, side="right")) for one in (a, b))
        yield _together(_part(a, 0, a_due), _part(b, 0, b_due))
        a, b = _rest(a, a_due, left), _rest(b, b_due, right)
    for burst, others in ((a, left), (b, right)):
        if burst is not None:
            yield burst
            yield from others


def _rest(burst: Burst, taken: int, more: Iterator[Burst]) -> Burst | None:
    return _part(burst, taken, len(burst)) if taken < len(burst) else next(more, None)


def _part(burst: Burst, first: int, end: int) -> Burst:
    return Burst(burst.received[first:end], burst.lines.slice(first, end - first))


def _together(a: Burst, b: Burst) -> Burst:
    received = np.concatenate([a.received, b.received])
    order = np.argsort(received, kind="stable")
    return Burst(received[order], pa.concat_arrays([a.lines, b.lines]).take(pa.array(order)))
