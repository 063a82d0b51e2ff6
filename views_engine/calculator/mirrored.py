"""How far a shard's records follow its intervals, as the mirror of this process last said."""

import threading
from typing import NamedTuple


class At(NamedTuple):
    """A named set of events; it is not older than another where neither number is lower."""

    epoch: int
    position: int

    def reaches(self, other: "At") -> bool:
        return self.epoch >= other.epoch and self.position >= other.position


class Mirrored:
    """`at` is written by the mirror's thread, read by any other; None while no mirror is at work here.

    `wanted` is set by whoever waits for more: the mirror then rests no longer.
    """

    def __init__(self) -> None:
        self.at: At | None = None
        self.wanted = threading.Event()
