"""What decisions rest on: who lives, who holds which role, what people asked for. Times are milliseconds since 1970."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RoleName(StrEnum):
    """What a calculator is for. Whoever holds neither of the first two is support."""

    LIVE = "live"
    NEXT = "next"
    SUPPORT = "support"


class Wish(StrEnum):
    """What people may ask for: make it live; take its roles away, or let it have some again; forget it."""

    PROMOTE = "promote"
    DRAIN = "drain"
    UNDRAIN = "undrain"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A calculator as it last reported; it lives while its lease runs.

    `held` is the epoch that it leaves to its deputy (0: none), `ready` whether it has ever caught up since it was
    started, `draining` whether people want it to have no role.
    """

    calculator_id: int
    name: str
    shard: int
    incarnation: int
    lease_until: int
    position: int = 0
    epoch: int = 0
    held: int = 0
    tether_events: int = 0
    tether_seconds: float = 0.0
    ready: bool = True
    draining: bool = False
    address: str = ""

    @property
    def process(self) -> tuple[int, int]:
        """The calculator and its incarnation."""
        return self.calculator_id, self.incarnation


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A role and who holds it. `fence` is higher for every new appointment."""

    shard: int
    role: RoleName
    calculator_id: int
    incarnation: int
    fence: int

    @property
    def process(self) -> tuple[int, int]:
        return self.calculator_id, self.incarnation


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asked for and nobody has answered yet. No calculator named: whoever is next."""

    number: int
    shard: int
    wish: Wish
    calculator_id: int | None
    asked_at: int
    asked_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All of the blackboard that decisions rest on.

    `epochs` is the newest epoch served, by shard. `gone` are the processes (`Member.process`) that surely answer no
    more, though their lease may still run.
    """

    members: tuple[Member, ...] = ()
    holdings: tuple[Holding, ...] = ()
    epochs: Mapping[int, int] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()
    gone: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far behind live (seconds) a deputy may be to be promoted, and how long (ms) a wish may wait for that."""

    tether_s: float = 2.0
    patience_ms: int = 60_000
