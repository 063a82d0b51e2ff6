"""What a calculator and its readers hear from the blackboard."""

from dataclasses import dataclass
from typing import TypedDict

from blackboard.facts import RoleName


@dataclass(frozen=True, slots=True)
class Membership:
    """What a process needs to speak for its calculator; worthless once the calculator has registered anew."""

    calculator_id: int
    incarnation: int


@dataclass(frozen=True, slots=True)
class Seat:
    """The role of a calculator and the fence it holds it under; support has fence 0.

    `defers`: it is live, and leaves heavy repairs to one that lives, has caught up, and is next.
    """

    role: RoleName
    fence: int
    defers: bool = False


@dataclass(frozen=True, slots=True)
class LiveSeat:
    """Who answers reads for a shard, where, and how far it was at its last beat."""

    address: str
    calculator: str
    fence: int
    epoch: int
    position: int
    tether_events: int = 0
    tether_seconds: float = 0.0


class Said(TypedDict, total=False):
    """What else a beat may say of a calculator: see `blackboard.facts.Member`."""

    held: int
    ready: bool
    tether_events: int
    tether_seconds: float


SILENT = Said(held=0, ready=True, tether_events=0, tether_seconds=0.0)
"""What is meant where a beat says nothing."""
