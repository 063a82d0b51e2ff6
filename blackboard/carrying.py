"""How moves happen: each in one transaction, whose conditions are in its statements. Who changes no row has lost."""

from typing import Any

from django.db.models import F

from blackboard.facts import RoleName, Wish
from blackboard.models import Calculator, Epoch, Request, Role, Transition
from blackboard.moves import Advance, Appoint, Change, Grant, Move, Promote, Refuse, Vacate

GRANTED = "granted"


class Lost(Exception):
    """The condition of a move no longer holds."""


def carry_out(move: Move, at: int) -> None:
    """Inside the caller's transaction; raises `Lost`, or IntegrityError where another one was quicker."""
    match move:
        case Appoint():
            _appoint(move, at)
        case Promote():
            _promote(move, at)
        case Vacate():
            _vacate(move, at)
        case Advance():
            _advance(move, at)
        case Grant():
            _grant(move, at)
        case Refuse():
            _answer(move.request, move.reason, at)


def write_down(who: Calculator, role: str, change: Change, reason: str, at: int) -> int:
    """Records a change; its number, higher than all before it, is the fence of what it appoints."""
    facts = {"shard": who.shard, "calculator": who.name, "incarnation": who.incarnation, "reason": reason[:255]}
    return Transition.objects.create(at=at, role=role, change=change, **facts).pk


def _appoint(move: Appoint, at: int) -> None:
    who = Calculator.objects.filter(pk=move.calculator_id, incarnation=move.incarnation).first()
    if who is None:
        raise Lost
    fence = write_down(who, move.role, move.change, move.reason, at)
    term: dict[str, Any] = {"calculator": who, "incarnation": who.incarnation, "fence": fence, "since": at}
    Role.objects.filter(calculator=who).exclude(shard=move.shard, name=move.role).delete()
    if move.replacing is None:
        Role.objects.create(shard=move.shard, name=move.role, **term)
    elif Role.objects.filter(shard=move.shard, name=move.role, fence=move.replacing).update(**term) != 1:
        raise Lost


def _promote(move: Promote, at: int) -> None:
    live, heir = _taken(move.shard, move.live_fence), _taken(move.shard, move.next_fence)
    _hold(heir, RoleName.LIVE, Change.PROMOTED, move.reason, at)
    if move.former is RoleName.SUPPORT:
        write_down(live.calculator, RoleName.SUPPORT, Change.VACATED, move.reason, at)
    else:
        _hold(live, move.former, Change.APPOINTED, f"handed over: {move.reason}", at)
    if move.request is not None:
        _answer(move.request, GRANTED, at)


def _taken(shard: int, fence: int) -> Role:
    """The role that was held under this fence, taken away."""
    held = Role.objects.filter(shard=shard, fence=fence)
    role = held.select_related("calculator").first()
    if role is None or role.calculator.incarnation != role.incarnation or held.delete()[0] != 1:
        raise Lost
    return role


def _hold(role: Role, name: RoleName, change: Change, reason: str, at: int) -> None:
    fence = write_down(role.calculator, name, change, reason, at)
    term = {"calculator": role.calculator, "incarnation": role.incarnation, "fence": fence, "since": at}
    Role.objects.create(shard=role.shard, name=name, **term)


def _vacate(move: Vacate, at: int) -> None:
    held = Role.objects.filter(shard=move.shard, name=move.role, fence=move.fence)
    row = held.select_related("calculator").first()
    if row is None or held.delete()[0] != 1:
        raise Lost
    write_down(row.calculator, move.role, Change.VACATED, move.reason, at)


def _advance(move: Advance, at: int) -> None:
    if not Role.objects.filter(shard=move.shard, name=RoleName.LIVE, fence=move.fence).exists():
        raise Lost
    newer = {"number": move.epoch, "position": move.position, "since": at}
    if Epoch.objects.filter(shard=move.shard, number__lt=move.epoch).update(**newer) != 1:
        Epoch.objects.create(shard=move.shard, **newer)


_CHANGES = {Wish.DRAIN: Change.DRAINED, Wish.UNDRAIN: Change.UNDRAINED, Wish.RETIRE: Change.RETIRED}


def _grant(move: Grant, at: int) -> None:
    rows = Calculator.objects.filter(pk=move.calculator_id, incarnation=move.incarnation)
    who = rows.first()
    if who is None:
        raise Lost
    role = Role.objects.filter(calculator=who, incarnation=who.incarnation).first()
    _answer(move.request, GRANTED, at)
    write_down(who, role.name if role else RoleName.SUPPORT, _CHANGES[move.wish], move.reason, at)
    if move.wish is Wish.RETIRE:
        who.delete()
    else:
        rows.update(draining=move.wish is Wish.DRAIN)


def _answer(request: int, answer: str, at: int) -> None:
    if Request.objects.filter(pk=request, answer="").update(answer=answer[:255], answered_at=at) != 1:
        raise Lost


def lock(shard: int, fence: int) -> bool:
    """Whether live is still held under this fence; nobody else can take it before the caller's transaction ends."""
    return Role.objects.filter(shard=shard, name=RoleName.LIVE, fence=fence).update(fence=F("fence")) == 1
