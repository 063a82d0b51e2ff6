import pytest
from django.db import IntegrityError, transaction

from blackboard import board
from blackboard.board import Membership, Seat
from blackboard.decisions import Advance, Appoint, RoleName, Vacate, decide
from blackboard.models import Calculator, Epoch, Role, Transition

pytestmark = pytest.mark.django_db

T = 1_000_000


def join(name: str = "calculator-0", *, now: int = T, shard: int = 0) -> Membership:
    return board.register(name=name, host="here", pid=1, shard=shard, address=f"{name}:1", now=now)


def appoint(who: Membership, *, replacing: int | None = None, shard: int = 0) -> bool:
    move = Appoint(
        shard=shard,
        role=RoleName.LIVE,
        calculator_id=who.calculator_id,
        incarnation=who.incarnation,
        replacing=replacing,
        reason="test",
    )
    return board.apply(move, T)


def fence() -> int:
    return Role.objects.get().fence


def test_who_registers_is_support_until_appointed() -> None:
    who = join()
    assert board.beat(who, position=0, epoch=0, now=T) == Seat(RoleName.SUPPORT, 0)

    appoint(who)

    assert board.beat(who, position=0, epoch=0, now=T) == Seat(RoleName.LIVE, fence())


def test_a_beat_renews_the_lease_and_reports_the_standing() -> None:
    who = join()

    board.beat(who, position=12, epoch=3, tether_events=4, tether_seconds=0.5, now=T + 1000)

    row = Calculator.objects.get()
    assert row.lease_until > T + 1000
    assert (row.position, row.epoch, row.tether_events, row.tether_seconds) == (12, 3, 4, 0.5)


def test_a_former_incarnation_hears_that_it_was_replaced() -> None:
    former = join()
    appoint(former)

    join()

    assert board.beat(former, position=0, epoch=0, now=T) is None
    assert board.live(0) is None


def test_live_says_who_where_and_under_which_fence() -> None:
    who = join()
    appoint(who)
    board.beat(who, position=5, epoch=2, now=T)

    seat = board.live(0)

    assert seat is not None
    assert (seat.address, seat.calculator, seat.fence) == ("calculator-0:1", "calculator-0", fence())
    assert (seat.epoch, seat.position) == (2, 5)
    assert board.live(1) is None


def test_of_two_first_appointments_one_wins() -> None:
    a, b = join("a"), join("b")

    assert appoint(a)
    assert not appoint(b)
    assert Transition.objects.count() == 1


def test_an_appointment_under_an_old_fence_changes_nothing() -> None:
    a, b, c = join("a"), join("b"), join("c")
    appoint(a)
    old = fence()
    assert appoint(b, replacing=old)

    assert not appoint(c, replacing=old)

    assert Role.objects.get().calculator.name == "b"
    assert fence() > old


def test_an_incarnation_that_is_gone_is_not_appointed() -> None:
    former = join()
    join()

    assert not appoint(former)


def test_a_role_is_vacated_only_under_its_fence() -> None:
    appoint(join())
    held = fence()

    assert not board.apply(Vacate(shard=0, role=RoleName.LIVE, fence=held - 1, reason="test"), T)
    assert board.apply(Vacate(shard=0, role=RoleName.LIVE, fence=held, reason="test"), T)
    assert board.live(0) is None


def test_every_change_is_written_down_with_its_reason() -> None:
    appoint(join())
    board.apply(Vacate(shard=0, role=RoleName.LIVE, fence=fence(), reason="gone"), T)

    assert list(Transition.objects.values_list("change", "reason")) == [("vacated", "gone"), ("appointed", "test")]


def test_an_epoch_never_goes_back() -> None:
    appoint(join())

    assert board.apply(Advance(shard=0, fence=fence(), epoch=4, position=9), T)
    assert not board.apply(Advance(shard=0, fence=fence(), epoch=3, position=8), T)

    assert Epoch.objects.get().number == 4


def test_who_says_goodbye_is_replaced_at_once() -> None:
    leaving, staying = join("a"), join("b")
    appoint(leaving)

    board.leave(leaving)
    for move in decide(board.facts(), T):
        board.apply(move, T)

    seat = board.live(0)
    assert seat is not None
    assert seat.calculator == "b"
    assert board.beat(staying, position=0, epoch=0, now=T) == Seat(RoleName.LIVE, seat.fence)


def test_the_database_itself_refuses_a_second_live_one() -> None:
    appoint(join("a"))
    other = Calculator.objects.get(pk=join("b").calculator_id)

    with pytest.raises(IntegrityError), transaction.atomic():
        Role.objects.create(shard=0, name="live", calculator=other, incarnation=1, fence=10**6, since=T)
