"""The blackboard: the one door to its tables.

Calculators register and beat, readers ask who is live, people ask for changes, controllers read the facts and apply
moves. Every write is a small transaction whose condition is in the statement itself: whoever changes no row has lost a
race, and nothing happened. `now` is milliseconds since 1970, by default the wall clock. `blackboard.memory` is the same
without a database.
"""

from typing import Unpack

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from blackboard import carrying
from blackboard.facts import Facts, Holding, Member, Request, RoleName, Wish
from blackboard.loop import now_ms
from blackboard.membership import SILENT, Said
from blackboard.membership import LiveSeat as LiveSeat
from blackboard.membership import Membership as Membership
from blackboard.membership import Seat as Seat
from blackboard.models import Calculator, Epoch, Role, Transition
from blackboard.models import Request as RequestRow
from blackboard.moves import Change, Move
from blackboard.patience import patient
from commandline.crash_points import crash_point


@patient
def register(*, name: str, host: str, pid: int, shard: int, address: str, now: int | None = None) -> Membership:
    """Enters a process under its calculator's name; a former process of that name is replaced at once."""
    at = now_ms() if now is None else now
    place = {"host": host, "pid": pid, "shard": shard, "address": address}
    facts = {**place, "registered_at": at, "lease_until": at + _lease_ms(), "ready": False, "held": 0}
    with transaction.atomic():
        if not Calculator.objects.filter(name=name).update(incarnation=F("incarnation") + 1, **facts):
            Calculator.objects.create(name=name, **facts)
        row = Calculator.objects.get(name=name)
    return Membership(row.pk, row.incarnation)


@patient
def beat(
    membership: Membership, *, position: int, epoch: int, now: int | None = None, **said: Unpack[Said]
) -> Seat | None:
    """Renews the lease and says where the calculator stands; its role, or None: replaced, it must stop."""
    at = now_ms() if now is None else now
    facts = {**SILENT, **said, "position": position, "epoch": epoch, "lease_until": at + _lease_ms()}
    return _seat(membership, at) if _mine(membership).update(**facts) == 1 else None


def _seat(membership: Membership, at: int) -> Seat:
    held = Role.objects.filter(calculator_id=membership.calculator_id, incarnation=membership.incarnation).first()
    if held is None:
        return Seat(RoleName.SUPPORT, 0)
    defers = held.name == RoleName.LIVE and _has_deputy(held.shard, at)
    return Seat(RoleName(held.name), held.fence, defers)


def _has_deputy(shard: int, at: int) -> bool:
    heirs = Role.objects.filter(shard=shard, name=RoleName.NEXT, incarnation=F("calculator__incarnation"))
    return heirs.filter(calculator__lease_until__gt=at, calculator__ready=True, calculator__draining=False).exists()


@patient
def leave(membership: Membership) -> None:
    """Says goodbye: the lease ends now, so that nobody waits for it to run out."""
    _mine(membership).update(lease_until=0)


@patient
def came_back(membership: Membership, fence: int, now: int | None = None) -> None:
    """Writes down that a process found itself fenced: its term as live, under this fence, had ended without it."""
    at = now_ms() if now is None else now
    who = Calculator.objects.filter(pk=membership.calculator_id).first()
    if who is None:
        return
    newest = Transition.objects.filter(shard=who.shard, role=RoleName.LIVE).exclude(change=Change.FENCED).first()
    if newest is not None and newest.pk > fence and newest.change != Change.PROMOTED:
        reason = f"it came back, and its fence {fence} was no longer good: {newest.reason}"
        carrying.write_down(who, RoleName.LIVE, Change.FENCED, reason, at)


def _mine(membership: Membership) -> QuerySet[Calculator]:
    return Calculator.objects.filter(pk=membership.calculator_id, incarnation=membership.incarnation)


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


def holds_live(shard: int, fence: int) -> bool:
    """Whether live is still held under this fence. Only inside a transaction: until it ends, nobody else becomes live.

    What is written in that transaction was written by live, or not at all.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("holds_live means nothing outside a transaction")
    return carrying.lock(shard, fence)


@patient
def ask(*, shard: int, wish: Wish, calculator_id: int | None = None, by: str = "", now: int | None = None) -> int:
    """Writes down what somebody wants; the controller answers. The number of the request."""
    at = now_ms() if now is None else now
    who = Calculator.objects.filter(pk=calculator_id or 0).first()
    facts = {"shard": shard, "wish": wish, "calculator_id": calculator_id, "name": who.name if who else ""}
    return RequestRow.objects.create(at=at, by=by, **facts).pk


@patient
def facts() -> Facts:
    """Everything that `decide` rests on, but for who is gone."""
    return Facts(
        members=tuple(_member(row) for row in Calculator.objects.all()),
        holdings=tuple(_holding(row) for row in Role.objects.all()),
        epochs=dict(Epoch.objects.values_list("shard", "number")),
        requests=tuple(_request(row) for row in RequestRow.objects.filter(answer="").order_by("id")),
    )


_SAID = (
    *("name", "shard", "incarnation", "lease_until", "address", "draining"),
    *("position", "epoch", "held", "ready", "tether_events", "tether_seconds"),
)


def _member(row: Calculator) -> Member:
    return Member(calculator_id=row.pk, **{name: getattr(row, name) for name in _SAID})


def _holding(row: Role) -> Holding:
    return Holding(
        shard=row.shard,
        role=RoleName(row.name),
        calculator_id=row.calculator_id,
        incarnation=row.incarnation,
        fence=row.fence,
    )


def _request(row: RequestRow) -> Request:
    return Request(
        number=row.pk,
        shard=row.shard,
        wish=Wish(row.wish),
        calculator_id=row.calculator_id,
        asked_at=row.at,
        asked_by=row.by,
    )


@patient
def apply(move: Move, now: int | None = None) -> bool:
    """Carries a move out if its condition still holds; whether it did."""
    at = now_ms() if now is None else now
    try:
        with transaction.atomic():
            carrying.carry_out(move, at)
            crash_point("board.before_commit")
    except (carrying.Lost, IntegrityError):
        return False
    crash_point("board.after_commit")
    return True


def _lease_ms() -> int:
    return int(settings.CONFIG.board.lease_s * 1000)
