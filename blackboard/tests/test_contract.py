"""What every blackboard promises: the one in the database, and its twin in memory."""

from typing import Any

import pytest
from django.db import transaction

from blackboard import board as database
from blackboard.decisions import Appoint, Promote, RoleName, Vacate, Wish, decide
from blackboard.membership import Membership, Seat
from blackboard.memory import MemoryBoard
from blackboard.models import Transition

pytestmark = pytest.mark.django_db

T = 1_000_000
LEASE_MS = 3000


@pytest.fixture(params=["database", "memory"])
def board(request: pytest.FixtureRequest) -> Any:
    return database if request.param == "database" else MemoryBoard(lease_ms=LEASE_MS)


def join(board: Any, name: str, *, now: int = T, **said: Any) -> Membership:
    """Registered, and with one beat behind it."""
    who: Membership = board.register(name=name, host="h", pid=1, shard=0, address=f"{name}:1", now=now)
    board.beat(who, position=5, epoch=1, now=now, **said)
    return who


def settle(board: Any, now: int = T) -> None:
    """A controller until it has nothing to do."""
    for _ in range(10):
        if not [move for move in decide(board.facts(), now) if board.apply(move, now)]:
            return


def seat(board: Any, who: Membership, *, now: int = T, **said: Any) -> Any:
    return board.beat(who, position=5, epoch=1, now=now, **said)


@pytest.fixture
def pair(board: Any) -> tuple[Membership, Membership]:
    """`a` is live, `b` is next."""
    members = join(board, "a"), join(board, "b")
    settle(board)
    return members


def test_of_two_one_is_live_and_one_is_next(board: Any, pair: tuple[Membership, Membership]) -> None:
    roles = [seat(board, who).role for who in pair]
    assert roles == [RoleName.LIVE, RoleName.NEXT]
    assert board.live(0).calculator == "a"


def test_live_defers_while_a_next_lives_that_has_caught_up(board: Any, pair: tuple[Membership, Membership]) -> None:
    a, b = pair
    assert seat(board, a).defers
    assert not seat(board, b).defers
    seat(board, b, ready=False)
    assert not seat(board, a).defers


def test_live_defers_no_more_once_the_lease_of_next_ran_out(board: Any, pair: tuple[Membership, Membership]) -> None:
    assert not seat(board, pair[0], now=T + LEASE_MS).defers


def test_who_repaired_what_live_holds_is_promoted(board: Any, pair: tuple[Membership, Membership]) -> None:
    a, b = pair
    seat(board, a, held=2)
    board.beat(b, position=5, epoch=2, now=T)
    settle(board)
    assert (seat(board, b).role, seat(board, a).role) == (RoleName.LIVE, RoleName.NEXT)


def promotion(board: Any, **more: Any) -> Promote:
    fences = {held.role: held.fence for held in board.facts().holdings}
    named = {"live_fence": fences[RoleName.LIVE], "next_fence": fences[RoleName.NEXT], **more}
    return Promote(shard=0, former=RoleName.NEXT, reason="test", **named)


def test_a_promotion_under_an_old_fence_changes_nothing(board: Any, pair: tuple[Membership, Membership]) -> None:
    before = [seat(board, who) for who in pair]
    for fences in ({"live_fence": 0}, {"next_fence": 0}):
        assert not board.apply(promotion(board, **fences), T)
    assert [seat(board, who) for who in pair] == before


def test_a_promotion_happens_once(board: Any, pair: tuple[Membership, Membership]) -> None:
    move = promotion(board)
    assert board.apply(move, T)
    assert not board.apply(move, T)


def test_nobody_is_promoted_whose_process_is_another(board: Any, pair: tuple[Membership, Membership]) -> None:
    move = promotion(board)
    join(board, "b")
    assert not board.apply(move, T)
    assert seat(board, pair[0]).role is RoleName.LIVE


def test_fences_only_rise(board: Any, pair: tuple[Membership, Membership]) -> None:
    before = board.live(0).fence
    board.apply(promotion(board), T)
    assert board.live(0).fence > before


def holds(board: Any, fence: int) -> bool:
    with transaction.atomic():
        return bool(board.holds_live(0, fence))


def test_who_was_replaced_no_longer_holds_live(board: Any, pair: tuple[Membership, Membership]) -> None:
    former = board.live(0).fence
    assert holds(board, former)
    board.apply(promotion(board), T)
    assert not holds(board, former)
    assert holds(board, board.live(0).fence)


def test_a_zombie_hears_that_it_is_no_longer_live(board: Any, pair: tuple[Membership, Membership]) -> None:
    a, b = pair
    seat(board, b, now=T + LEASE_MS)
    settle(board, T + LEASE_MS)
    assert seat(board, a, now=T + LEASE_MS + 1) == Seat(RoleName.SUPPORT, 0)
    assert seat(board, b, now=T + LEASE_MS + 1).role is RoleName.LIVE


def test_a_former_incarnation_hears_that_it_must_stop(board: Any, pair: tuple[Membership, Membership]) -> None:
    join(board, "a")
    assert seat(board, pair[0]) is None


def test_live_says_nobody_once_its_process_was_replaced(board: Any, pair: tuple[Membership, Membership]) -> None:
    join(board, "a")
    assert board.live(0) is None


def ask(board: Any, wish: Wish, who: Membership | None = None) -> int:
    number: int = board.ask(shard=0, wish=wish, calculator_id=who.calculator_id if who else None, by="eve", now=T)
    return number


def test_what_people_ask_for_is_done(board: Any, pair: tuple[Membership, Membership]) -> None:
    ask(board, Wish.PROMOTE)
    settle(board)
    assert seat(board, pair[1]).role is RoleName.LIVE
    assert board.facts().requests == ()


def test_who_is_drained_hands_over_and_has_no_role(board: Any, pair: tuple[Membership, Membership]) -> None:
    ask(board, Wish.DRAIN, pair[0])
    settle(board)
    assert [seat(board, who).role for who in pair] == [RoleName.SUPPORT, RoleName.LIVE]
    ask(board, Wish.UNDRAIN, pair[0])
    settle(board)
    assert seat(board, pair[0]).role is RoleName.NEXT


def test_who_is_retired_is_forgotten(board: Any, pair: tuple[Membership, Membership]) -> None:
    later = T + LEASE_MS
    seat(board, pair[0], now=later)
    ask(board, Wish.RETIRE, pair[1])
    settle(board, later)
    assert [member.name for member in board.facts().members] == ["a"]


def test_an_appointment_takes_the_role_it_had(board: Any, pair: tuple[Membership, Membership]) -> None:
    b = pair[1]
    move = Appoint(
        shard=0,
        role=RoleName.LIVE,
        calculator_id=b.calculator_id,
        incarnation=b.incarnation,
        replacing=board.live(0).fence,
        reason="test",
    )
    assert board.apply(move, T)
    assert [held.role for held in board.facts().holdings] == [RoleName.LIVE]
    assert not board.apply(Vacate(shard=0, role=RoleName.NEXT, fence=0, reason="test"), T)


def test_a_goodbye_ends_the_lease(board: Any, pair: tuple[Membership, Membership]) -> None:
    board.leave(pair[0])
    settle(board)
    assert board.live(0).calculator == "b"


def changes(board: Any) -> list[str]:
    if isinstance(board, MemoryBoard):
        return [str(one.change) for one in board.transitions]
    return list(Transition.objects.order_by("id").values_list("change", flat=True))


def test_who_comes_back_after_a_failover_was_fenced(board: Any, pair: tuple[Membership, Membership]) -> None:
    fence, later = board.live(0).fence, T + LEASE_MS
    seat(board, pair[1], now=later)
    settle(board, later)
    board.came_back(pair[0], fence, now=later)
    assert changes(board) == ["appointed", "appointed", "failed over", "fenced"]


def test_who_handed_over_was_not(board: Any, pair: tuple[Membership, Membership]) -> None:
    fence = board.live(0).fence
    board.apply(promotion(board), T)
    board.came_back(pair[0], fence, now=T)
    assert changes(board)[-2:] == ["promoted", "appointed"]
