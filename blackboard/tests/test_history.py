"""Any history of starts, crashes, pauses and two controllers that act on old facts: one live, and soon one live."""

from django.db import transaction
from django.test import TestCase
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from blackboard import board
from blackboard.board import Membership
from blackboard.decisions import Facts, Wish, decide
from blackboard.membership import Said
from blackboard.models import Role

NAMES = st.sampled_from(["a", "b", "c"])
CONTROLLERS = st.sampled_from([0, 1])
LEASE_MS = 3000


class History(RuleBasedStateMachine):
    """Processes register, beat, stop and die; each controller may decide on facts that it read long ago."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = 1_000_000
        self.running: dict[str, Membership] = {}
        self.zombies: list[Membership] = []
        self.read: list[Facts] = [Facts(), Facts()]
        self.fences: list[int] = []
        self.terms: dict[int, tuple[int, int]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @rule(name=NAMES)
    def start(self, name: str) -> None:
        """A new process; a former one of that name that did not notice its end lives on as a zombie."""
        if former := self.running.get(name):
            self.zombies.append(former)
        self.running[name] = board.register(name=name, host="h", pid=1, shard=0, address=name, now=self.now)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        del self.running[data.draw(st.sampled_from(sorted(self.running)))]

    @precondition(lambda self: self.running)
    @rule(data=st.data(), position=st.integers(0, 50), held=st.sampled_from([0, 0, 2]), ready=st.booleans())
    def beat(self, data: st.DataObject, position: int, held: int, ready: bool) -> None:
        who = self.running[data.draw(st.sampled_from(sorted(self.running)))]
        said: Said = {"held": held, "ready": ready}
        assert board.beat(who, position=position, epoch=position // 10, now=self.now, **said) is not None

    @precondition(lambda self: self.running)
    @rule(data=st.data(), wish=st.sampled_from(Wish))
    def ask(self, data: st.DataObject, wish: Wish) -> None:
        who = self.running[data.draw(st.sampled_from(sorted(self.running)))]
        board.ask(shard=0, wish=wish, calculator_id=who.calculator_id, now=self.now)

    @precondition(lambda self: self.zombies)
    @rule(data=st.data())
    def zombie_beats(self, data: st.DataObject) -> None:
        assert board.beat(data.draw(st.sampled_from(self.zombies)), position=99, epoch=99, now=self.now) is None

    @rule(passed=st.integers(1, LEASE_MS + 1))
    def time_passes(self, passed: int) -> None:
        self.now += passed

    @rule(controller=CONTROLLERS)
    def look(self, controller: int) -> None:
        self.read[controller] = board.facts()

    @rule(controller=CONTROLLERS)
    def act(self, controller: int) -> None:
        for move in decide(self.read[controller], self.now):
            board.apply(move, self.now)

    @rule()
    def a_lease_later_a_controller_looks(self) -> None:
        """While somebody is alive: one lease and one round of decisions later a process is live that is alive."""
        self.now += LEASE_MS
        for who in self.running.values():
            board.beat(who, position=0, epoch=0, now=self.now)
        for move in decide(board.facts(), self.now):
            board.apply(move, self.now)
        seat = board.live(0)
        if self.running:
            assert seat is not None
            assert seat.calculator in self.running

    @invariant()
    def at_most_one_is_live(self) -> None:
        everybody = {(who.calculator_id, who.incarnation) for who in [*self.running.values(), *self.zombies]}
        held = Role.objects.filter(name="live").values_list("calculator_id", "incarnation")
        assert len(everybody & set(held)) <= 1
        assert len(held) <= 1

    @invariant()
    def nobody_has_two_roles(self) -> None:
        holders = list(Role.objects.values_list("calculator_id", flat=True))
        assert len(holders) == len(set(holders))

    @invariant()
    def fences_only_rise(self) -> None:
        self.fences += Role.objects.filter(name="live").values_list("fence", flat=True)
        assert self.fences == sorted(self.fences)

    @invariant()
    def a_fence_belongs_to_one_process(self) -> None:
        for fence, calculator, incarnation in Role.objects.values_list("fence", "calculator_id", "incarnation"):
            assert self.terms.setdefault(fence, (calculator, incarnation)) == (calculator, incarnation)


class TestHistory(TestCase):
    def test_any_history(self) -> None:
        run_state_machine_as_test(
            History,
            settings=settings(max_examples=60, stateful_step_count=30, deadline=None),
        )
