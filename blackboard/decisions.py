"""Who should hold which role: a pure function of the facts and the time. The controller carries its moves out."""

from collections.abc import Iterator

from blackboard.facts import Facts as Facts
from blackboard.facts import Holding as Holding
from blackboard.facts import Limits as Limits
from blackboard.facts import Member as Member
from blackboard.facts import Request as Request
from blackboard.facts import RoleName as RoleName
from blackboard.facts import Wish as Wish
from blackboard.moves import Advance as Advance
from blackboard.moves import Appoint as Appoint
from blackboard.moves import Change as Change
from blackboard.moves import Grant as Grant
from blackboard.moves import Move as Move
from blackboard.moves import Promote as Promote
from blackboard.moves import Refuse as Refuse
from blackboard.moves import Vacate as Vacate
from blackboard.shard import Shard, appoint, numbers
from blackboard.shard import lives as lives
from blackboard.wishes import answer, caught_up, former

FIRST = "nobody was live"
RESTARTED = "the process was started again"
LAPSED = "its lease ran out"
LEFT = "it said goodbye"
GONE = "its process is gone"
DRAINING = "it is being drained"
UNPREPARED = "another has caught up"
NO_NEXT = "nobody was next"
AHEAD = "it has caught up, and live has not"

LIMITS = Limits()


def decide(facts: Facts, now: int, limits: Limits = LIMITS) -> list[Move]:
    """The moves that these facts ask for; none when everything is as it should be.

    Of each shard at most one role changes at a time. Who lives gets a live one first, then a next one. Live stays
    while its lease runs and its door answers. It is succeeded by next, or else by whoever is furthest. Next is
    promoted when it has repaired what live holds, when live is being drained, or when people ask for it.
    """
    return [move for number in numbers(facts) for move in _moves(Shard.of(facts, number, now, limits))]


def _moves(shard: Shard) -> Iterator[Move]:
    if shard.live_one is None:
        yield from _succession(shard)
        return
    change = _asked(shard) or _handed_over(shard) or _next(shard)
    if change:
        yield change
    yield from _advance(shard)


def _succession(shard: Shard) -> Iterator[Move]:
    successor = _successor(shard)
    if successor:
        change = Change.FAILED_OVER if shard.live else Change.APPOINTED
        yield appoint(shard, successor, RoleName.LIVE, reason=_why_not_live(shard), change=change)
    elif shard.live:
        yield Vacate(shard=shard.number, role=RoleName.LIVE, fence=shard.live.fence, reason=_why_not_live(shard))


def _successor(shard: Shard) -> Member | None:
    """Next, if it has ever caught up; else the furthest that lives."""
    heir = shard.next_one
    return heir if heir and heir.ready and not heir.draining else next(iter(shard.living), None)


def _why_not_live(shard: Shard) -> str:
    return FIRST if shard.live is None else _why_gone(shard, shard.live)


def _why_gone(shard: Shard, holding: Holding) -> str:
    who = shard.member(holding.calculator_id)
    if who and who.incarnation != holding.incarnation:
        return RESTARTED
    if who and who.lease_until == 0:
        return LEFT
    return GONE if holding.process in shard.gone else LAPSED


def _asked(shard: Shard) -> Move | None:
    """What the oldest request that need not wait asks for."""
    moves = (answer(shard, request) for request in sorted(shard.requests, key=lambda request: request.number))
    return next((move for move in moves if move), None)


def _handed_over(shard: Shard) -> Move | None:
    live, heir = shard.live_one, shard.next_one
    if live is None or heir is None or shard.live is None or shard.next is None or heir.draining:
        return None
    reason = _why_promote(live)
    fit = shard.close(heir) if not live.ready else caught_up(shard, heir)
    if reason is None or not fit:
        return None
    fences = {"live_fence": shard.live.fence, "next_fence": shard.next.fence}
    return Promote(shard=shard.number, former=former(shard), reason=reason, **fences)


def _why_promote(live: Member) -> str | None:
    if live.held:
        return f"it has repaired epoch {live.held}"
    if live.draining:
        return DRAINING
    return None if live.ready else AHEAD


def _next(shard: Shard) -> Move | None:
    """Next stays while it lives and may; but one that has never caught up makes room for one that has."""
    present, best = shard.next_one, next(iter(shard.rest()), None)
    if present and not present.draining and (present.ready or best is None or not best.ready):
        return None
    reason = _why_not_next(shard)
    if best is not None:
        return appoint(shard, best, RoleName.NEXT, reason=reason)
    gone = shard.next
    return Vacate(shard=shard.number, role=RoleName.NEXT, fence=gone.fence, reason=reason) if gone else None


def _why_not_next(shard: Shard) -> str:
    if shard.next is None:
        return NO_NEXT
    present = shard.next_one
    if present is None:
        return _why_gone(shard, shard.next)
    return DRAINING if present.draining else UNPREPARED


def _advance(shard: Shard) -> Iterator[Advance]:
    live, holding = shard.live_one, shard.live
    if live and holding and live.epoch > shard.served:
        yield Advance(shard=shard.number, fence=holding.fence, epoch=live.epoch, position=live.position)
