"""When a decision has reached the ordered log: which reads know it."""

import time

from blackboard import board
from events.log import get_log
from events.log.base import Log, Topic
from events.reformer.state import State
from events.reformer.worker import GROUP
from views_engine.reading.versions import Position, Version

LOOK_S = 0.02


def version_with(control: int, *, patience_s: float) -> Version | None:
    """The version from which on every read knows this decision; None when a reformer does not take it in time."""
    log, until = get_log(), time.monotonic() + patience_s
    waiting = list(range(log.shards))
    while True:
        waiting = [shard for shard in waiting if _controls(log, shard) < control]
        if not waiting:
            return {shard: _position(log, shard) for shard in range(log.shards)}
        if time.monotonic() >= until:
            return None
        time.sleep(LOOK_S)


def _controls(log: Log, shard: int) -> int:
    """The number of the decision that the shard's reformer wrote last."""
    return State.read(log.committed(GROUP, shard).state).controls


def _position(log: Log, shard: int) -> Position:
    """The end of the log now, in the epoch that somebody has served already: who waits for it does not wait long."""
    seat = board.live(shard)
    return Position(seat.epoch if seat else 0, log.head(Topic.ORDERED, shard).position)
