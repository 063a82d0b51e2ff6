"""What becomes of a request: a reason to refuse it, or the move that grants it once it can be. Pure."""

from blackboard.facts import Member, Request, RoleName, Wish
from blackboard.moves import Grant, Move, Promote, Refuse
from blackboard.shard import Shard, appoint

NOBODY_ELSE = "nobody else lives who could take over"


def refusal(shard: Shard, request: Request) -> str | None:
    """Why nothing can come of this request now; None: it can be granted, at once or when somebody has caught up."""
    if request.calculator_id is not None and shard.member(request.calculator_id) is None:
        return "there is no such calculator in this shard"
    match request.wish:
        case Wish.PROMOTE:
            return _no_promotion(shard, request)
        case Wish.DRAIN:
            return _no_drain(shard, request)
        case Wish.UNDRAIN:
            who = shard.member(request.calculator_id)
            return None if who and who.draining else "it is not being drained"
        case Wish.RETIRE:
            who = shard.member(request.calculator_id)
            return "its process still lives: drain it and stop it first" if who in shard.living else None


def answer(shard: Shard, request: Request) -> Move | None:
    """The move that this request asks for now; None while it has to wait."""
    if reason := refusal(shard, request):
        return Refuse(request=request.number, reason=reason)
    if request.wish is Wish.PROMOTE:
        return _promote(shard, request)
    who = shard.member(request.calculator_id)
    return _grant(request, who) if who else None


def target(shard: Shard, request: Request) -> Member | None:
    """Whom a request for promotion means: who is named, or next, or who would be next."""
    if request.calculator_id is not None:
        return shard.member(request.calculator_id)
    return shard.next_one or next(iter(shard.rest()), None)


def _no_promotion(shard: Shard, request: Request) -> str | None:
    who = target(shard, request)
    if who is None:
        return NOBODY_ELSE
    if who is shard.live_one:
        return f"{who.name} is live already"
    if who not in shard.living:
        return f"{who.name} does not live"
    if who.draining:
        return f"{who.name} is being drained"
    if not who.ready:
        return f"{who.name} has not caught up yet"
    if shard.now - request.asked_at > shard.limits.patience_ms:
        return f"{who.name} has been too far behind for too long"
    return None


def _no_drain(shard: Shard, request: Request) -> str | None:
    who = shard.member(request.calculator_id)
    if who is None:
        return "it has to be said which calculator is to be drained"
    if who.draining:
        return "it is being drained already"
    return NOBODY_ELSE if who is shard.live_one and not shard.rest() else None


def _promote(shard: Shard, request: Request) -> Move | None:
    who = target(shard, request)
    assert who is not None
    reason = f"{request.asked_by or 'somebody'} asked for it"
    if who is not shard.next_one:
        return appoint(shard, who, RoleName.NEXT, reason=reason)
    if shard.live is None or shard.next is None or not caught_up(shard, who):
        return None
    fences = {"live_fence": shard.live.fence, "next_fence": shard.next.fence}
    return Promote(shard=shard.number, former=former(shard), reason=reason, request=request.number, **fences)


def caught_up(shard: Shard, who: Member) -> bool:
    """Whether it has repaired what live holds, and is hardly behind."""
    live = shard.live_one
    return shard.close(who) and (live is None or who.epoch >= live.held)


def former(shard: Shard) -> RoleName:
    """What becomes of live when next takes over."""
    live = shard.live_one
    return RoleName.SUPPORT if live is None or live.draining else RoleName.NEXT


def _grant(request: Request, who: Member) -> Grant:
    return Grant(
        request=request.number,
        wish=request.wish,
        calculator_id=who.calculator_id,
        incarnation=who.incarnation,
        reason=f"{request.asked_by or 'somebody'} asked for it",
    )
