"""The blackboard: the one door to its tables.

Calculators register and beat, readers ask who is live, controllers read the facts and apply moves. Every write is a
small transaction whose condition is in the statement itself: whoever changes no row has lost a race, and nothing
happened. `now` is milliseconds since 1970, by default the wall clock.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from blackboard.decisions import Advance, Appoint, Facts, Holding, Member, Move, RoleName, Vacate
from blackboard.loop import now_ms
from blackboard.models import Calculator, Epoch, Role, Transition
from blackboard.patience import patient
from commandline.crash_points import crash_point


@dataclass(frozen=True, slots=True)
class Membership:
    """What a process needs to speak for its calculator; worthless once the calculator has registered anew."""

    calculator_id: int
    incarnation: int


@dataclass(frozen=True, slots=True)
class Seat:
    """The role of a calculator and the fence it holds it under; support has fence 0."""

    role: RoleName
    fence: int


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


class _Lost(Exception):
    """The condition of a move no longer holds."""


@patient
def register(*, name: str, host: str, pid: int, shard: int, address: str, now: int | None = None) -> Membership:
    """Enters a process under its calculator's name; a former process of that name is replaced at once."""
    at = now_ms() if now is None else now
    place = {"host": host, "pid": pid, "shard": shard, "address": address}
    facts = {**place, "registered_at": at, "lease_until": at + _lease_ms()}
    with transaction.atomic():
        if not Calculator.objects.filter(name=name).update(incarnation=F("incarnation") + 1, **facts):
            Calculator.objects.create(name=name, **facts)
        row = Calculator.objects.get(name=name)
    return Membership(row.pk, row.incarnation)


@patient
def beat(
    membership: Membership,
    *,
    position: int,
    epoch: int,
    tether_events: int = 0,
    tether_seconds: float = 0.0,
    now: int | None = None,
) -> Seat | None:
    """Renews the lease and reports where the calculator stands; its role, or None: replaced, it must stop."""
    at = now_ms() if now is None else now
    renewed = Calculator.objects.filter(pk=membership.calculator_id, incarnation=membership.incarnation).update(
        lease_until=at + _lease_ms(),
        position=position,
        epoch=epoch,
        tether_events=tether_events,
        tether_seconds=tether_seconds,
    )
    return _seat(membership) if renewed == 1 else None


def _seat(membership: Membership) -> Seat:
    held = Role.objects.filter(calculator_id=membership.calculator_id, incarnation=membership.incarnation).first()
    return Seat(RoleName(held.name), held.fence) if held else Seat(RoleName.SUPPORT, 0)


@patient
def leave(membership: Membership) -> None:
    """Says goodbye: the lease ends now, so that nobody waits for it to run out."""
    Calculator.objects.filter(pk=membership.calculator_id, incarnation=membership.incarnation).update(lease_until=0)


@patient
def live(shard: int) -> LiveSeat | None:
    """Who is live for a shard; None when nobody is.

    It may have died within its lease: who gets no answer there asks again.
    """
    held = Role.objects.filter(shard=shard, name=RoleName.LIVE).select_related("calculator").first()
    if held is None or held.calculator.incarnation != held.incarnation:
        return None
    who = held.calculator
    tether = who.tether_events, who.tether_seconds
    return LiveSeat(who.address, who.name, held.fence, who.epoch, who.position, *tether)


def still_live(shard: int, fence: int) -> bool:
    """Whether the shard's live role is held under this fence; inside a transaction it stays so until that ends.

    Whoever writes for the live calculator asks this first in the same transaction: a fenced one writes nothing.
    """
    return Role.objects.select_for_update().filter(shard=shard, name=RoleName.LIVE, fence=fence).exists()


@patient
def facts() -> Facts:
    """Everything that `decide` rests on."""
    return Facts(
        members=tuple(_member(row) for row in Calculator.objects.all()),
        holdings=tuple(_holding(row) for row in Role.objects.all()),
        epochs=dict(Epoch.objects.values_list("shard", "number")),
    )


def _member(row: Calculator) -> Member:
    return Member(
        calculator_id=row.pk,
        name=row.name,
        shard=row.shard,
        incarnation=row.incarnation,
        lease_until=row.lease_until,
        position=row.position,
        epoch=row.epoch,
    )


def _holding(row: Role) -> Holding:
    return Holding(
        shard=row.shard,
        role=RoleName(row.name),
        calculator_id=row.calculator_id,
        incarnation=row.incarnation,
        fence=row.fence,
    )


@patient
def apply(move: Move, now: int | None = None) -> bool:
    """Carries a move out if its condition still holds; whether it did."""
    at = now_ms() if now is None else now
    try:
        with transaction.atomic():
            _apply(move, at)
            crash_point("board.before_commit")
    except (_Lost, IntegrityError):
        return False
    crash_point("board.after_commit")
    return True


def _apply(move: Move, at: int) -> None:
    match move:
        case Appoint():
            _appoint(move, at)
        case Vacate():
            _vacate(move, at)
        case Advance():
            _advance(move, at)


def _appoint(move: Appoint, at: int) -> None:
    who = Calculator.objects.filter(pk=move.calculator_id, incarnation=move.incarnation).first()
    if who is None:
        raise _Lost
    fence = _write_down(move, who.name, who.incarnation, "appointed", at)
    term = {"calculator": who, "incarnation": who.incarnation, "fence": fence, "since": at}
    Role.objects.filter(calculator=who).exclude(shard=move.shard, name=move.role).delete()
    if move.replacing is None:
        Role.objects.create(shard=move.shard, name=move.role, **term)
    elif Role.objects.filter(shard=move.shard, name=move.role, fence=move.replacing).update(**term) != 1:
        raise _Lost


def _vacate(move: Vacate, at: int) -> None:
    held = Role.objects.filter(shard=move.shard, name=move.role, fence=move.fence).select_related("calculator")
    row = held.first()
    if row is None or held.delete()[0] != 1:
        raise _Lost
    _write_down(move, row.calculator.name, row.incarnation, "vacated", at)


def _advance(move: Advance, at: int) -> None:
    if not Role.objects.filter(shard=move.shard, name=RoleName.LIVE, fence=move.fence).exists():
        raise _Lost
    newer = {"number": move.epoch, "position": move.position, "since": at}
    if Epoch.objects.filter(shard=move.shard, number__lt=move.epoch).update(**newer) != 1:
        Epoch.objects.create(shard=move.shard, **newer)


def _write_down(move: Appoint | Vacate, calculator: str, incarnation: int, change: str, at: int) -> int:
    """Records a change of role; its number, higher than all before it."""
    return Transition.objects.create(
        at=at,
        shard=move.shard,
        role=move.role,
        calculator=calculator,
        incarnation=incarnation,
        change=change,
        reason=move.reason,
    ).pk


def _lease_ms() -> int:
    return int(settings.CONFIG.board.lease_s * 1000)
