"""Who should hold which role: a pure function of the facts and the time. The controller carries its moves out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RoleName(StrEnum):
    """What a calculator is for. Whoever holds neither of the first two is support."""

    LIVE = "live"
    NEXT = "next"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A calculator as it last reported; it lives while its lease runs. Times are milliseconds since 1970."""

    calculator_id: int
    name: str
    shard: int
    incarnation: int
    lease_until: int
    position: int = 0
    epoch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A role and who holds it. `fence` is higher for every new appointment."""

    shard: int
    role: RoleName
    calculator_id: int
    incarnation: int
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All of the blackboard that decisions rest on; `epochs` is the newest epoch served, by shard."""

    members: tuple[Member, ...] = ()
    holdings: tuple[Holding, ...] = ()
    epochs: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appoint:
    """Give a role to a calculator, if the role is still held under the fence `replacing` (None: by nobody)."""

    shard: int
    role: RoleName
    calculator_id: int
    incarnation: int
    replacing: int | None
    reason: str


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


Move = Appoint | Vacate | Advance

FIRST = "nobody was live"
RESTARTED = "the process was started again"
LAPSED = "its lease ran out"


def decide(facts: Facts, now: int) -> list[Move]:
    """The moves that these facts ask for, at most one per shard; none when everything is as it should be.

    Every shard with a living calculator gets a live one. A live calculator stays while its lease runs, and goes when
    the lease has run out or the same calculator has registered anew.
    """
    return [move for shard in _shards(facts) for move in _for_shard(facts, shard, now)]


def lives(member: Member, now: int) -> bool:
    return now < member.lease_until


def _for_shard(facts: Facts, shard: int, now: int) -> Iterator[Move]:
    members = [member for member in facts.members if member.shard == shard]
    holding = _holding(facts, shard, RoleName.LIVE)
    holder = _holder(holding, members)
    if holding and holder and lives(holder, now):
        yield from _advance(holding, holder, facts.epochs.get(shard, -1))
    elif successor := _best(member for member in members if lives(member, now)):
        yield _succeed(holding, successor)
    elif holding:
        yield Vacate(shard=shard, role=RoleName.LIVE, fence=holding.fence, reason=LAPSED)


def _succeed(holding: Holding | None, successor: Member) -> Appoint:
    return Appoint(
        shard=successor.shard,
        role=RoleName.LIVE,
        calculator_id=successor.calculator_id,
        incarnation=successor.incarnation,
        replacing=holding.fence if holding else None,
        reason=_reason(holding, successor),
    )


def _reason(holding: Holding | None, successor: Member) -> str:
    if holding is None:
        return FIRST
    return RESTARTED if holding.calculator_id == successor.calculator_id else LAPSED


def _advance(holding: Holding, holder: Member, served: int) -> Iterator[Advance]:
    if holder.epoch > served:
        yield Advance(shard=holding.shard, fence=holding.fence, epoch=holder.epoch, position=holder.position)


def _holding(facts: Facts, shard: int, role: RoleName) -> Holding | None:
    return next((held for held in facts.holdings if held.shard == shard and held.role == role), None)


def _holder(holding: Holding | None, members: Iterable[Member]) -> Member | None:
    """The process that was appointed; None once it is gone or its calculator has registered anew."""
    if holding is None:
        return None
    appointed = (holding.calculator_id, holding.incarnation)
    return next((member for member in members if (member.calculator_id, member.incarnation) == appointed), None)


def _best(members: Iterable[Member]) -> Member | None:
    """Who is furthest; of equals the first by name, so that two controllers choose alike."""
    ranked = sorted(members, key=lambda member: (-member.epoch, -member.position, member.name))
    return ranked[0] if ranked else None


def _shards(facts: Facts) -> list[int]:
    return sorted({member.shard for member in facts.members} | {held.shard for held in facts.holdings})
