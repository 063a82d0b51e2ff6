"""When late events are let in: at their marker, or later, when somebody else answers reads. Pure.

A heavy marker (plan `handover`) is not repaired by a live calculator whose deputy stands by: it *holds* the marker and
serves its epoch on. The deputy repairs and is promoted; whoever answers no more reads *releases* what it holds, marker
by marker.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class Plan(StrEnum):
    INLINE = "inline"
    HANDOVER = "handover"


class Choice(StrEnum):
    REPAIR = "repair"
    HOLD = "hold"


class Held(NamedTuple):
    """A marker that waits: its position in the ordered log, the epoch it begins, its receive clock (ms), its plan."""

    position: int
    epoch: int
    clock: int
    plan: str


def on_marker(*, holding: bool, plan: str, defers: bool) -> Choice:
    """What to do at a marker. Behind one that is held all are held: epochs keep their order.

    `defers`: this calculator is live, and one that lives and has caught up is next.
    """
    return Choice.HOLD if holding or (defers and plan == Plan.HANDOVER) else Choice.REPAIR


def oldest(held: Sequence[Held]) -> Held:
    """The marker to release first, in a transaction of its own; only while nothing is deferred."""
    return min(held)


def owed(held: Sequence[Held]) -> int:
    """The epoch that a deputy must have reached to be promoted: the newest held for its weight; 0 when none is held."""
    heavy = [marker.epoch for marker in held if marker.plan == Plan.HANDOVER]
    return max(heavy, default=min((marker.epoch for marker in held), default=0))
