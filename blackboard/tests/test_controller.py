import pytest

from blackboard import board
from blackboard.controller import Controller
from blackboard.loop import Loop

pytestmark = pytest.mark.django_db


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


def join(name: str, now: int) -> board.Membership:
    return board.register(name=name, host="h", pid=1, shard=0, address=name, now=now)


def live() -> str | None:
    seat = board.live(0)
    return seat.calculator if seat else None


def test_a_dead_calculator_is_noticed_and_replaced() -> None:
    clock = Clock()
    controller = Controller(clock=clock)
    join("a", clock.now)
    controller.step()
    assert live() == "a"

    clock.now += 10_000
    join("b", clock.now)
    controller.step()

    assert live() == "b"


def test_a_controller_with_nothing_to_do_says_so() -> None:
    clock = Clock()
    controller = Controller(clock=clock)
    join("a", clock.now)
    board.facts()
    while controller.step():
        pass

    assert not controller.step()


def test_two_controllers_appoint_one() -> None:
    clock = Clock()
    join("a", clock.now)
    join("b", clock.now)
    first, second = Controller(clock=clock), Controller(clock=clock)

    first.step()
    appointed = live()
    second.step()

    assert live() == appointed == "a"


def test_until_idle_ends_with_everybody_in_place() -> None:
    clock = Clock()
    join("a", clock.now)

    Loop(Controller(clock=clock), idle_s=0, until_idle=True).run()

    assert live() == "a"
