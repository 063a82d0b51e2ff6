"""The blackboard without a database: the same operations over plain dicts, for simulations and tests.

One object is the board that everybody shares; its time is always handed in. What it forgets, the database keeps for
people: answers and transitions are in the same words.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple, Unpack

from blackboard.facts import Facts, Holding, Member, Request, RoleName, Wish
from blackboard.membership import SILENT, LiveSeat, Membership, Said, Seat
from blackboard.moves import Advance, Appoint, Change, Grant, Move, Promote, Refuse, Vacate

GRANTED = "granted"


class Written(NamedTuple):
    """A transition; its number is the fence of what it appointed."""

    number: int
    role: str
    calculator: str
    change: Change
    reason: str


class _Lost(Exception):
    """The condition of a move no longer holds."""


@dataclass
class _State:
    """Everything that a move may change; a move that is lost leaves it as it was."""

    members: dict[int, Member] = field(default_factory=dict)
    holdings: dict[tuple[int, RoleName], Holding] = field(default_factory=dict)
    epochs: dict[int, int] = field(default_factory=dict)
    requests: dict[int, Request] = field(default_factory=dict)
    answers: dict[int, str] = field(default_factory=dict)
    transitions: list[Written] = field(default_factory=list)

    def copy(self) -> "_State":
        return _State(
            dict(self.members),
            dict(self.holdings),
            dict(self.epochs),
            dict(self.requests),
            dict(self.answers),
            list(self.transitions),
        )


class MemoryBoard:
    """See `blackboard.board` for what each operation promises."""

    def __init__(self, *, lease_ms: int = 3000) -> None:
        self._lease_ms = lease_ms
        self._state = _State()

    @property
    def transitions(self) -> list[Written]:
        return self._state.transitions

    @property
    def answers(self) -> dict[int, str]:
        return self._state.answers

    def register(self, *, name: str, host: str, pid: int, shard: int, address: str, now: int) -> Membership:
        known = next((one for one in self._state.members.values() if one.name == name), None)
        number = known.calculator_id if known else max(self._state.members, default=0) + 1
        former = known or Member(calculator_id=number, name=name, shard=shard, incarnation=0, lease_until=0)
        self._state.members[number] = replace(
            former,
            shard=shard,
            incarnation=former.incarnation + 1,
            lease_until=now + self._lease_ms,
            held=0,
            ready=False,
            address=address,
        )
        return Membership(number, former.incarnation + 1)

    def beat(self, membership: Membership, *, position: int, epoch: int, now: int, **said: Unpack[Said]) -> Seat | None:
        who = self._mine(membership)
        if who is None:
            return None
        told: Said = {**SILENT, **said}
        self._state.members[who.calculator_id] = replace(
            who, lease_until=now + self._lease_ms, position=position, epoch=epoch, **told
        )
        return self._seat(who, now)

    def leave(self, membership: Membership) -> None:
        if who := self._mine(membership):
            self._state.members[who.calculator_id] = replace(who, lease_until=0)

    def came_back(self, membership: Membership, fence: int, now: int) -> None:
        who = self._state.members.get(membership.calculator_id)
        terms = [one for one in self.transitions if one.role == RoleName.LIVE and one.change is not Change.FENCED]
        newest = terms[-1] if terms else None
        if who and newest and newest.number > fence and newest.change is not Change.PROMOTED:
            reason = f"it came back, and its fence {fence} was no longer good: {newest.reason}"
            self._write_down(who, RoleName.LIVE, Change.FENCED, reason)

    def live(self, shard: int) -> LiveSeat | None:
        held = self._state.holdings.get((shard, RoleName.LIVE))
        who = self._holder(held)
        if held is None or who is None:
            return None
        tether = who.tether_events, who.tether_seconds
        return LiveSeat(who.address, who.name, held.fence, who.epoch, who.position, *tether)

    def holds_live(self, shard: int, fence: int) -> bool:
        held = self._state.holdings.get((shard, RoleName.LIVE))
        return held is not None and held.fence == fence

    def ask(self, *, shard: int, wish: Wish, calculator_id: int | None = None, by: str = "", now: int) -> int:
        number = len(self._state.answers) + len(self._state.requests) + 1
        self._state.requests[number] = Request(
            number=number, shard=shard, wish=wish, calculator_id=calculator_id, asked_at=now, asked_by=by
        )
        return number

    def facts(self) -> Facts:
        state = self._state
        requests = tuple(state.requests.values())
        return Facts(
            members=tuple(state.members.values()),
            holdings=tuple(state.holdings.values()),
            epochs=dict(state.epochs),
            requests=requests,
        )

    def apply(self, move: Move, now: int) -> bool:
        before = self._state.copy()
        try:
            self._carry_out(move)
        except _Lost:
            self._state = before
            return False
        return True

    def _carry_out(self, move: Move) -> None:
        match move:
            case Appoint():
                self._appoint(move)
            case Promote():
                self._promote(move)
            case Vacate():
                held = self._taken(move.shard, move.role, move.fence)
                self._write_down(self._state.members[held.calculator_id], move.role, Change.VACATED, move.reason)
            case Advance():
                self._advance(move)
            case Grant():
                self._grant(move)
            case Refuse():
                self._answer(move.request, move.reason)

    def _appoint(self, move: Appoint) -> None:
        who = self._state.members.get(move.calculator_id)
        held = self._state.holdings.get((move.shard, move.role))
        if who is None or who.incarnation != move.incarnation or (held.fence if held else None) != move.replacing:
            raise _Lost
        self._let_go(who)
        self._hold(who, move.role, move.change, move.reason)

    def _promote(self, move: Promote) -> None:
        live = self._holder(self._taken(move.shard, RoleName.LIVE, move.live_fence))
        heir = self._holder(self._taken(move.shard, RoleName.NEXT, move.next_fence))
        if live is None or heir is None:
            raise _Lost
        self._hold(heir, RoleName.LIVE, Change.PROMOTED, move.reason)
        if move.former is RoleName.SUPPORT:
            self._write_down(live, RoleName.SUPPORT, Change.VACATED, move.reason)
        else:
            self._hold(live, move.former, Change.APPOINTED, f"handed over: {move.reason}")
        if move.request is not None:
            self._answer(move.request, GRANTED)

    def _advance(self, move: Advance) -> None:
        if not self.holds_live(move.shard, move.fence) or self._state.epochs.get(move.shard, -1) >= move.epoch:
            raise _Lost
        self._state.epochs[move.shard] = move.epoch

    def _grant(self, move: Grant) -> None:
        who = self._state.members.get(move.calculator_id)
        if who is None or who.incarnation != move.incarnation:
            raise _Lost
        self._answer(move.request, GRANTED)
        changes = {Wish.DRAIN: Change.DRAINED, Wish.UNDRAIN: Change.UNDRAINED, Wish.RETIRE: Change.RETIRED}
        role = next((held.role for held in self._state.holdings.values() if held.process == who.process), "support")
        self._write_down(who, role, changes[move.wish], move.reason)
        if move.wish is Wish.RETIRE:
            self._let_go(who)
            del self._state.members[who.calculator_id]
        else:
            self._state.members[who.calculator_id] = replace(who, draining=move.wish is Wish.DRAIN)

    def _answer(self, number: int, answer: str) -> None:
        if self._state.requests.pop(number, None) is None:
            raise _Lost
        self._state.answers[number] = answer

    def _hold(self, who: Member, role: RoleName, change: Change, reason: str) -> None:
        fence = self._write_down(who, role, change, reason)
        term = {"calculator_id": who.calculator_id, "incarnation": who.incarnation, "fence": fence}
        self._state.holdings[who.shard, role] = Holding(shard=who.shard, role=role, **term)

    def _let_go(self, who: Member) -> None:
        mine = [key for key, held in self._state.holdings.items() if held.calculator_id == who.calculator_id]
        for key in mine:
            del self._state.holdings[key]

    def _taken(self, shard: int, role: RoleName, fence: int) -> Holding:
        held = self._state.holdings.pop((shard, role), None)
        if held is None or held.fence != fence:
            raise _Lost
        return held

    def _write_down(self, who: Member, role: str, change: Change, reason: str) -> int:
        number = len(self.transitions) + 1
        self.transitions.append(Written(number, str(role), who.name, change, reason))
        return number

    def _mine(self, membership: Membership) -> Member | None:
        who = self._state.members.get(membership.calculator_id)
        return who if who and who.incarnation == membership.incarnation else None

    def _holder(self, held: Holding | None) -> Member | None:
        who = self._state.members.get(held.calculator_id) if held else None
        return who if who and held and who.incarnation == held.incarnation else None

    def _seat(self, who: Member, now: int) -> Seat:
        held = next((one for one in self._state.holdings.values() if one.process == who.process), None)
        if held is None:
            return Seat(RoleName.SUPPORT, 0)
        return Seat(held.role, held.fence, held.role is RoleName.LIVE and self._has_deputy(held.shard, now))

    def _has_deputy(self, shard: int, now: int) -> bool:
        heir = self._holder(self._state.holdings.get((shard, RoleName.NEXT)))
        return heir is not None and heir.lease_until > now and heir.ready and not heir.draining
