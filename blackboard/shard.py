"""One shard as decisions see it: who lives, who holds which role. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from blackboard.facts import Facts, Holding, Limits, Member, Request, RoleName
from blackboard.moves import Appoint, Change


def lives(member: Member, now: int) -> bool:
    return now < member.lease_until


@dataclass(frozen=True, slots=True)
class Shard:
    """`living` are the members whose lease runs and whose door answers, the furthest first."""

    number: int
    members: tuple[Member, ...]
    living: tuple[Member, ...]
    live: Holding | None
    next: Holding | None
    requests: tuple[Request, ...]
    served: int
    gone: frozenset[tuple[int, int]]
    limits: Limits
    now: int

    @classmethod
    def of(cls, facts: Facts, number: int, now: int, limits: Limits) -> "Shard":
        members = tuple(member for member in facts.members if member.shard == number)
        here = (member for member in members if lives(member, now) and member.process not in facts.gone)
        return cls(
            number,
            members,
            tuple(sorted(here, key=_rank)),
            _holding(facts.holdings, number, RoleName.LIVE),
            _holding(facts.holdings, number, RoleName.NEXT),
            tuple(request for request in facts.requests if request.shard == number),
            facts.epochs.get(number, -1),
            facts.gone,
            limits,
            now,
        )

    @property
    def live_one(self) -> Member | None:
        """The living process that is live."""
        return self.holder(self.live)

    @property
    def next_one(self) -> Member | None:
        return self.holder(self.next)

    def holder(self, holding: Holding | None) -> Member | None:
        """The living process that was appointed; None once it is gone or its calculator has registered anew."""
        return next((one for one in self.living if holding and one.process == holding.process), None)

    def member(self, calculator_id: int | None) -> Member | None:
        return next((one for one in self.members if one.calculator_id == calculator_id), None)

    def rest(self) -> list[Member]:
        """Who lives, is not live, and may have a role; the furthest first."""
        return [one for one in self.living if one is not self.live_one and not one.draining]

    def close(self, member: Member) -> bool:
        """Whether it could answer reads now without taking them far back in time."""
        live = self.live_one
        allowed = self.limits.tether_s + (live.tether_seconds if live else 0.0)
        return member.ready and member.tether_seconds <= allowed


def appoint(shard: Shard, who: Member, role: RoleName, *, reason: str, change: Change = Change.APPOINTED) -> Appoint:
    """The move that gives a role of this shard to somebody, in the place of whoever holds it."""
    present = shard.live if role is RoleName.LIVE else shard.next
    return Appoint(
        shard=shard.number,
        role=role,
        calculator_id=who.calculator_id,
        incarnation=who.incarnation,
        replacing=present.fence if present else None,
        reason=reason,
        change=change,
    )


def numbers(facts: Facts) -> list[int]:
    """Every shard that anybody is or was in."""
    return sorted({member.shard for member in facts.members} | {held.shard for held in facts.holdings})


def _holding(holdings: Iterable[Holding], shard: int, role: RoleName) -> Holding | None:
    return next((held for held in holdings if held.shard == shard and held.role == role), None)


def _rank(member: Member) -> tuple[bool, bool, int, int, str]:
    """Of equals the first by name, so that two controllers choose alike; who is to be drained comes last."""
    return member.draining, not member.ready, -member.epoch, -member.position, member.name
