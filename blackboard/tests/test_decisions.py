from typing import Any

import pytest

from blackboard.decisions import Advance, Appoint, Facts, Holding, Member, RoleName, Vacate, decide

NOW = 1_000_000


def member(name: str = "a", *, shard: int = 0, lives: bool = True, **more: Any) -> Member:
    lease_until = NOW + 1 if lives else NOW
    fields = {"calculator_id": ord(name), "incarnation": 1, **more}
    return Member(name=name, shard=shard, lease_until=lease_until, **fields)


def live(name: str = "a", *, shard: int = 0, incarnation: int = 1, fence: int = 7) -> Holding:
    return Holding(shard=shard, role=RoleName.LIVE, calculator_id=ord(name), incarnation=incarnation, fence=fence)


def test_the_first_calculator_becomes_live() -> None:
    [move] = decide(Facts(members=(member("a"),)), NOW)

    assert isinstance(move, Appoint)
    assert (move.role, move.calculator_id, move.replacing) == (RoleName.LIVE, ord("a"), None)


def test_who_lives_stays_live_even_beside_a_better_one() -> None:
    facts = Facts(members=(member("a"), member("b", epoch=9, position=9)), holdings=(live("a"),), epochs={0: 0})

    assert decide(facts, NOW) == []


def test_whose_lease_ran_out_is_replaced_under_the_fence_it_held() -> None:
    facts = Facts(members=(member("a", lives=False), member("b")), holdings=(live("a"),))

    [move] = decide(facts, NOW)

    assert isinstance(move, Appoint)
    assert (move.calculator_id, move.replacing, move.reason) == (ord("b"), 7, "its lease ran out")


def test_a_calculator_that_registered_anew_is_appointed_anew() -> None:
    facts = Facts(members=(member("a", incarnation=2),), holdings=(live("a", incarnation=1),))

    [move] = decide(facts, NOW)

    assert isinstance(move, Appoint)
    assert (move.incarnation, move.replacing, move.reason) == (2, 7, "the process was started again")


def test_without_a_successor_the_role_is_vacated() -> None:
    facts = Facts(members=(member("a", lives=False),), holdings=(live("a"),))

    assert decide(facts, NOW) == [Vacate(shard=0, role=RoleName.LIVE, fence=7, reason="its lease ran out")]


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        ({"epoch": 1}, {"epoch": 2}, "b"),
        ({"position": 5}, {"position": 4}, "a"),
        ({}, {}, "a"),
    ],
)
def test_the_furthest_is_chosen_and_of_equals_the_first_by_name(
    first: dict[str, Any], second: dict[str, Any], chosen: str
) -> None:
    [move] = decide(Facts(members=(member("b", **second), member("a", **first))), NOW)

    assert isinstance(move, Appoint)
    assert move.calculator_id == ord(chosen)


def test_a_newer_epoch_of_the_live_calculator_is_written_down() -> None:
    facts = Facts(members=(member("a", epoch=4, position=90),), holdings=(live("a"),), epochs={0: 3})

    assert decide(facts, NOW) == [Advance(shard=0, fence=7, epoch=4, position=90)]


def test_each_shard_is_decided_by_itself() -> None:
    facts = Facts(members=(member("a"), member("b", shard=1)), holdings=(live("a"),), epochs={0: 0})

    [move] = decide(facts, NOW)

    assert isinstance(move, Appoint)
    assert move.shard == 1
