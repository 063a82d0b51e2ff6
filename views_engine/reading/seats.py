"""Who is live: the blackboard's answer, kept for a moment and forgotten as soon as it proves wrong."""

import time
from collections.abc import Callable
from typing import Protocol


class Seat(Protocol):
    """Where a shard's live calculator answers."""

    @property
    def address(self) -> str: ...


class Seats:
    """The live seat of each shard, asked of `live` at most once in `keep_s` seconds."""

    def __init__(
        self,
        live: Callable[[int], Seat | None],
        *,
        keep_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._live, self._keep_s, self._clock = live, keep_s, clock
        self._known: dict[int, tuple[float, str]] = {}

    def address(self, shard: int) -> str | None:
        """The address of the live calculator, or None when nobody is live."""
        until, address = self._known.get(shard, (0.0, ""))
        if address and self._clock() < until:
            return address
        seat = self._live(shard)
        if seat is None:
            self.forget(shard)
            return None
        self._known[shard] = (self._clock() + self._keep_s, seat.address)
        return seat.address

    def forget(self, shard: int) -> None:
        self._known.pop(shard, None)
