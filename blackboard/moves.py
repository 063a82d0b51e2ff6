"""The moves a controller may make. Each names the fences it rests on: it happens only while they still hold."""

from dataclasses import dataclass
from enum import StrEnum

from blackboard.facts import RoleName, Wish


class Change(StrEnum):
    """What a transition records."""

    APPOINTED = "appointed"
    PROMOTED = "promoted"
    FAILED_OVER = "failed over"
    VACATED = "vacated"
    DRAINED = "drained"
    UNDRAINED = "undrained"
    RETIRED = "retired"
    FENCED = "fenced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appoint:
    """Give a role to a calculator, if the role is still held under the fence `replacing` (None: by nobody)."""

    shard: int
    role: RoleName
    calculator_id: int
    incarnation: int
    replacing: int | None
    reason: str
    change: Change = Change.APPOINTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Promote:
    """Next becomes live, and live becomes `former`: next, or support. Both fences have to hold still."""

    shard: int
    live_fence: int
    next_fence: int
    former: RoleName
    reason: str
    request: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacate:
    """Take a role away, if it is still held under this fence."""

    shard: int
    role: RoleName
    fence: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """Write down that the shard's live calculator, under this fence, serves a newer epoch."""

    shard: int
    fence: int
    epoch: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Do what a request asks of one calculator: drain, undrain or retire it."""

    request: int
    wish: Wish
    calculator_id: int
    incarnation: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Answer a request with the reason why nothing comes of it."""

    request: int
    reason: str


Move = Appoint | Promote | Vacate | Advance | Grant | Refuse
