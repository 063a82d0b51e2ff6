from typing import Any

import pytest

from blackboard.decisions import (
    Advance,
    Appoint,
    Facts,
    Grant,
    Holding,
    Member,
    Move,
    Promote,
    Refuse,
    Request,
    RoleName,
    Vacate,
    Wish,
    decide,
)

NOW = 1_000_000


def member(name: str = "a", *, shard: int = 0, lives: bool = True, **more: Any) -> Member:
    lease_until = NOW + 1 if lives else NOW
    fields = {"calculator_id": ord(name), "incarnation": 1, "lease_until": lease_until, **more}
    return Member(name=name, shard=shard, **fields)


def live(name: str = "a", *, shard: int = 0, incarnation: int = 1, fence: int = 7) -> Holding:
    return Holding(shard=shard, role=RoleName.LIVE, calculator_id=ord(name), incarnation=incarnation, fence=fence)


def heir(name: str = "b", *, fence: int = 8) -> Holding:
    return Holding(shard=0, role=RoleName.NEXT, calculator_id=ord(name), incarnation=1, fence=fence)


def request(wish: Wish, name: str | None = None, *, asked_at: int = NOW) -> Request:
    number = ord(name) if name else None
    return Request(number=5, shard=0, wish=wish, calculator_id=number, asked_at=asked_at, asked_by="eve")


def facts(*members: Member, holdings: tuple[Holding, ...] = (live(), heir()), **more: Any) -> Facts:
    return Facts(members=members, holdings=holdings, **{"epochs": {0: 99}, **more})


def told(moves: list[Move]) -> list[tuple[str, ...]]:
    """What the moves say, in short: who gets which role and why, or who is refused what."""
    return [_told(move) for move in moves]


def _told(move: Move) -> tuple[str, ...]:
    match move:
        case Appoint():
            return str(move.change), chr(move.calculator_id), str(move.role), move.reason
        case Promote():
            return "promote", str(move.former), move.reason
        case Vacate():
            return "vacate", str(move.role), move.reason
        case Grant():
            return "grant", str(move.wish)
        case Refuse():
            return "refuse", move.reason
        case Advance():
            return "advance", str(move.epoch)


def test_the_first_calculator_becomes_live() -> None:
    [move] = decide(Facts(members=(member("a"),)), NOW)

    assert isinstance(move, Appoint)
    assert (move.role, move.calculator_id, move.replacing) == (RoleName.LIVE, ord("a"), None)


def test_who_lives_stays_live_even_beside_a_better_one() -> None:
    assert decide(facts(member("a"), member("b", epoch=9, position=9)), NOW) == []


def test_whose_lease_ran_out_is_replaced_under_the_fence_it_held() -> None:
    [move] = decide(facts(member("a", lives=False), member("b"), holdings=(live(),)), NOW)

    assert isinstance(move, Appoint)
    assert (move.calculator_id, move.replacing, move.reason) == (ord("b"), 7, "its lease ran out")


def test_a_calculator_that_registered_anew_is_appointed_anew() -> None:
    [move] = decide(facts(member("a", incarnation=2), holdings=(live("a", incarnation=1),)), NOW)

    assert isinstance(move, Appoint)
    assert (move.incarnation, move.replacing, move.reason) == (2, 7, "the process was started again")


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        ({"epoch": 1}, {"epoch": 2}, "b"),
        ({"position": 5}, {"position": 4}, "a"),
        ({}, {}, "a"),
        ({"epoch": 9, "ready": False}, {}, "b"),
        ({"epoch": 9, "draining": True}, {}, "b"),
    ],
)
def test_the_furthest_is_chosen_and_of_equals_the_first_by_name(
    first: dict[str, Any], second: dict[str, Any], chosen: str
) -> None:
    [move] = decide(Facts(members=(member("b", **second), member("a", **first))), NOW)

    assert isinstance(move, Appoint)
    assert move.calculator_id == ord(chosen)


SUCCESSION = {
    "next succeeds live": (facts(member("a", lives=False), member("b"), member("c", position=9)), "b"),
    "one that never caught up does not": (facts(member("a", lives=False), member("b", ready=False), member("c")), "c"),
    "one that is drained is better than nobody": (facts(member("a", lives=False), member("b", draining=True)), "b"),
}


@pytest.mark.parametrize(("known", "successor"), SUCCESSION.values(), ids=SUCCESSION)
def test_who_succeeds(known: Facts, successor: str) -> None:
    assert told(decide(known, NOW)) == [("failed over", successor, "live", "its lease ran out")]


def test_whose_door_does_not_answer_is_succeeded_at_once() -> None:
    known = facts(member("a"), member("b"), gone=frozenset({(ord("a"), 1)}))

    assert told(decide(known, NOW)) == [("failed over", "b", "live", "its process is gone")]


def test_who_said_goodbye_is_succeeded_at_once() -> None:
    known = facts(member("a", lease_until=0), member("b"))

    assert told(decide(known, NOW)) == [("failed over", "b", "live", "it said goodbye")]


FAR: dict[str, Any] = {"tether_seconds": 60.0}
BOTH = (live(), heir())
CASES: dict[str, tuple[Facts, list[tuple[str, ...]]]] = {
    "somebody becomes next": (
        facts(member("a"), member("b"), holdings=(live(),)),
        [("appointed", "b", "next", "nobody was next")],
    ),
    "a dead next is replaced": (
        facts(member("a"), member("b", lives=False), member("c")),
        [("appointed", "c", "next", "its lease ran out")],
    ),
    "a dead next without another is let go": (
        facts(member("a"), member("b", lives=False)),
        [("vacate", "next", "its lease ran out")],
    ),
    "who never caught up makes room for one that did": (
        facts(member("a"), member("b", ready=False), member("c")),
        [("appointed", "c", "next", "another has caught up")],
    ),
    "what live holds is repaired": (
        facts(member("a", held=3), member("b", epoch=3)),
        [("promote", "next", "it has repaired epoch 3")],
    ),
    "what live holds is not repaired yet": (facts(member("a", held=3), member("b", epoch=2)), []),
    "repaired, and hardly behind a live one that is far behind itself": (
        facts(member("a", held=3, **FAR), member("b", epoch=3, tether_seconds=61.0)),
        [("promote", "next", "it has repaired epoch 3")],
    ),
    "repaired, but far behind": (facts(member("a", held=3), member("b", epoch=3, **FAR)), []),
    "live is drained": (
        facts(member("a", draining=True), member("b")),
        [("promote", "support", "it is being drained")],
    ),
    "live is drained, next far behind": (facts(member("a", draining=True), member("b", **FAR)), []),
    "next is drained": (
        facts(member("a"), member("b", draining=True), member("c")),
        [("appointed", "c", "next", "it is being drained")],
    ),
    "live never caught up": (
        facts(member("a", ready=False), member("b")),
        [("promote", "next", "it has caught up, and live has not")],
    ),
    "promote was asked for": (
        facts(member("a"), member("b"), requests=(request(Wish.PROMOTE),)),
        [("promote", "next", "eve asked for it")],
    ),
    "promote a support": (
        facts(member("a"), member("b"), member("c"), requests=(request(Wish.PROMOTE, "c"),)),
        [("appointed", "c", "next", "eve asked for it")],
    ),
    "promote waits for who is far behind": (
        facts(member("a"), member("b", **FAR), requests=(request(Wish.PROMOTE),)),
        [],
    ),
    "but not for ever": (
        facts(member("a"), member("b", **FAR), requests=(request(Wish.PROMOTE, asked_at=0),)),
        [("refuse", "b has been too far behind for too long")],
    ),
    "promote without anybody": (
        facts(member("a"), holdings=(live(),), requests=(request(Wish.PROMOTE),)),
        [("refuse", "nobody else lives who could take over")],
    ),
    "promote who is live": (
        facts(member("a"), member("b"), requests=(request(Wish.PROMOTE, "a"),)),
        [("refuse", "a is live already")],
    ),
    "promote the dead": (
        facts(member("a"), member("b"), member("c", lives=False), requests=(request(Wish.PROMOTE, "c"),)),
        [("refuse", "c does not live")],
    ),
    "promote a stranger": (
        facts(member("a"), member("b"), requests=(request(Wish.PROMOTE, "x"),)),
        [("refuse", "there is no such calculator in this shard")],
    ),
    "drain": (facts(member("a"), member("b"), requests=(request(Wish.DRAIN, "a"),)), [("grant", "drain")]),
    "drain the only one": (
        facts(member("a"), holdings=(live(),), requests=(request(Wish.DRAIN, "a"),)),
        [("refuse", "nobody else lives who could take over")],
    ),
    "undrain": (
        facts(member("a"), member("b", draining=True), holdings=(live(),), requests=(request(Wish.UNDRAIN, "b"),)),
        [("grant", "undrain")],
    ),
    "retire the dead": (
        facts(member("a"), member("b"), member("c", lives=False), requests=(request(Wish.RETIRE, "c"),)),
        [("grant", "retire")],
    ),
    "retire the living": (
        facts(member("a"), member("b"), requests=(request(Wish.RETIRE, "b"),)),
        [("refuse", "its process still lives: drain it and stop it first")],
    ),
}


@pytest.mark.parametrize(("known", "expected"), CASES.values(), ids=CASES)
def test_what_is_decided(known: Facts, expected: list[tuple[str, ...]]) -> None:
    assert told(decide(known, NOW)) == expected


def test_without_a_successor_the_role_is_vacated() -> None:
    known = facts(member("a", lives=False), holdings=(live(),))

    assert decide(known, NOW) == [Vacate(shard=0, role=RoleName.LIVE, fence=7, reason="its lease ran out")]


def test_a_promotion_names_both_fences() -> None:
    [move] = decide(facts(member("a", held=3), member("b", epoch=3)), NOW)

    assert isinstance(move, Promote)
    assert (move.live_fence, move.next_fence) == (7, 8)


def test_a_newer_epoch_of_the_live_calculator_is_written_down() -> None:
    known = facts(member("a", epoch=4, position=90), holdings=(live(),), epochs={0: 3})

    assert decide(known, NOW) == [Advance(shard=0, fence=7, epoch=4, position=90)]


def test_each_shard_is_decided_by_itself() -> None:
    [move] = decide(facts(member("a"), member("b", shard=1), holdings=(live(),)), NOW)

    assert isinstance(move, Appoint)
    assert move.shard == 1
