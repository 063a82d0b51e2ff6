"""The world of one history: every process, every disk, one log, one board, one clock. Each act is a method.

After every act that commits something, the promise is checked where it may have been broken: raises `Broken`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from blackboard.decisions import decide
from blackboard.facts import Facts, RoleName, Wish
from blackboard.memory import MemoryBoard
from events.controls import Control
from events.event_types import BUILT_IN
from events.log.base import Fenced, Record, Topic
from events.log.memory import MemoryLog
from events.reformer.worker import Reformer, ReformerSettings
from tests.simulation.history import CALCULATORS, CONTROLLERS, NOON, Act, History
from tests.simulation.oracle import accepted, folded, named
from tests.simulation.plain import PlainBatches, raw_entry
from tests.simulation.records import Database, Round, intervals_of, read_round
from tests.simulation.units import version
from tests.simulation.views import Store, Views
from views_engine.alerts.matching import Interval

LEASE_MS = 2000
HANDOVER = 2
"""So many late events make a repair heavy."""

SETTLING_ROUNDS = 60


class Broken(AssertionError):
    """The promise was broken; the message says where."""


class Crash(Exception):
    """The process is gone, at the point where it was told to be."""


@dataclass(slots=True)
class Process:
    """A calculator that runs. `seat` is what its last beat told; `read` a round its mirror has not written yet."""

    views: Views
    membership: Any
    seat: Any
    stopped: bool = False
    read: Round | None = None


class CrashingLog(MemoryLog):
    """A handle whose next transaction dies before or after it is durable, if `crash` says so."""

    crash = ""

    @contextmanager
    def transaction(self, group: str, shard: int) -> Iterator[Any]:
        with super().transaction(group, shard) as transaction:
            yield transaction
            if self.crash == "before":
                raise Crash
        if self.crash == "after":
            raise Crash


class World:
    def __init__(self) -> None:
        self.now = NOON
        self.log = MemoryLog()
        self.board = MemoryBoard(lease_ms=LEASE_MS)
        self.database = Database(lambda fence: self.board.holds_live(0, fence))
        self.disks = {name: Store() for name in CALCULATORS}
        self.processes: dict[str, Process] = {}
        self.snapshots: list[Store] = []
        self.controls: list[Control] = []
        self.seen: dict[str, Facts] = {}
        self.reformers = {"old": self._reformer(), "new": self._reformer()}

    def run(self, history: History) -> None:
        for act in history:
            getattr(self, f"act_{act.what}")(act)
        self.settle()

    # The devices, the clock, the people.

    def act_send(self, act: Act) -> None:
        self.log.append(Topic.RAW, [raw_entry(act.readings, self.now)])

    def act_wait(self, act: Act) -> None:
        self.now += act.number

    def act_rule(self, act: Act) -> None:
        number = len(self.controls) + 1
        self.controls.append(Control(number, version(number, NOON + act.number, act.how)))

    def act_acknowledge(self, act: Act) -> None:
        for record in self.database.records[act.number : act.number + 1]:
            record.acknowledged = True

    # The reformer: a new one takes over from the old one, which may still be alive.

    def act_reform(self, act: Act) -> None:
        try:
            self.reformers[act.who].step()
        except Fenced:
            self.reformers[act.who] = self._reformer()

    def act_crash_reformer(self, act: Act) -> None:
        handle = CrashingLog()
        handle._memory, handle.crash = self.log._memory, act.how
        dying = self._reformer(handle)
        try:
            dying.step()
        except Crash:
            self.reformers["old"] = self.reformers["new"]
            self.reformers["new"] = self._reformer()

    def _reformer(self, log: MemoryLog | None = None) -> Reformer:
        return Reformer(
            log=log or self.log.beside(),
            shard=0,
            clock=lambda: self.now,
            types=lambda: BUILT_IN,
            known_devices=lambda ids: ids,
            dead_letters=lambda letters: None,
            settings=ReformerSettings(handover_late_events=HANDOVER),
            batches=PlainBatches(),
            controls=lambda shard, number: self.controls[number : number + 2],
        )

    # Calculators.

    def act_calculate(self, act: Act) -> None:
        process = self._process(act.who)
        if process is None:
            return
        made = process.views.next_store(act.number)
        if made is not None:
            self._commit(act.who, process, made)

    def act_crash(self, act: Act) -> None:
        process = self._process(act.who)
        if process is None:
            return
        made = process.views.next_store(100)
        if made is not None and act.how == "after":
            self._commit(act.who, process, made)
        del self.processes[act.who]

    def act_lose(self, act: Act) -> None:
        """Process and disk are gone; the next process starts from the newest snapshot."""
        self.processes.pop(act.who, None)
        self.disks[act.who] = self.snapshots[-1].copy() if self.snapshots else Store()

    def act_snapshot(self, act: Act) -> None:
        self.snapshots.append(self.disks[act.who].copy())

    def act_stop(self, act: Act) -> None:
        if process := self._process(act.who):
            process.stopped = True

    def act_go_on(self, act: Act) -> None:
        if process := self.processes.get(act.who):
            process.stopped = False

    def act_beat(self, act: Act) -> None:
        process = self._process(act.who)
        if process is None:
            return
        process.seat = self._beat(process)
        if process.seat is None:
            del self.processes[act.who]

    def _beat(self, process: Process) -> Any:
        store, head = process.views.store, self.log.head(Topic.ORDERED, 0)
        behind = head.position - store.position
        return self.board.beat(
            process.membership,
            position=store.position,
            epoch=store.epoch,
            held=store.owes,
            ready=behind <= 2,
            tether_events=behind,
            tether_seconds=(self.now - store.clock) / 1000 if behind else 0.0,
            now=self.now,
        )

    def act_mirror(self, act: Act) -> None:
        """Reads a round and writes it: at once, or later, when the world may have changed."""
        process = self._process(act.who)
        if process is None or process.seat.role is not RoleName.LIVE:
            return
        round_ = process.read or read_round(process.views.store, self.database.standing)
        if act.how == "slow":
            process.read = round_
            return
        process.read = None
        if act.how != "before":
            self.database.write(round_, process.seat.fence)
        if act.how in ("before", "after"):
            del self.processes[act.who]

    def _process(self, who: str) -> Process | None:
        """The process of that name, started where there is none; None while it is stopped."""
        process = self.processes.get(who)
        if process is None:
            process = self.processes[who] = self._start(who)
        return None if process.stopped else process

    def _start(self, who: str) -> Process:
        membership = self.board.register(name=who, host="here", pid=1, shard=0, address=who, now=self.now)
        process = Process(Views(self.log, self.disks[who], lambda: process.seat.defers), membership, None)
        process.seat = self.board.beat(
            membership, position=self.disks[who].position, epoch=self.disks[who].epoch, now=self.now
        )
        return process

    def _commit(self, who: str, process: Process, made: Store) -> None:
        self.disks[who] = process.views.store = made
        self._check(made)

    # Who decides, and who reads.

    def act_look(self, act: Act) -> None:
        self.seen[act.who] = self.board.facts()

    def act_decide(self, act: Act) -> None:
        """On what was seen last, however long ago that is."""
        facts = self.seen.pop(act.who) if act.who in self.seen else self.board.facts()
        for move in decide(replace(facts, gone=self._gone(facts)), self.now):
            self.board.apply(move, self.now)

    def _gone(self, facts: Facts) -> frozenset[tuple[int, int]]:
        """Whose door refuses: the processes that are no more. One that is stopped is not known to be."""
        there = {(one.membership.calculator_id, one.membership.incarnation) for one in self.processes.values()}
        return frozenset(member.process for member in facts.members if member.process not in there)

    def act_ask(self, act: Act) -> None:
        """Somebody wants a calculator promoted, drained, or let in again."""
        known = {member.name: member.calculator_id for member in self.board.facts().members}
        if act.who in known:
            self.board.ask(shard=0, wish=Wish(act.how), calculator_id=known[act.who], now=self.now)

    def act_read(self, act: Act) -> None:
        live = self.board.live(0)
        process = self.processes.get(live.calculator) if live else None
        if process is not None and not process.stopped:
            self._check(process.views.store)

    # What must be true.

    def _check(self, store: Store) -> None:
        set_ = named(self._ordered(), *store.version)
        _same(f"the views of version {store.version}", store.rows(), folded(set_.events, set_.versions))

    def _ordered(self) -> list[Record]:
        return self.log.read(Topic.ORDERED, 0, 0, max_records=100_000, max_events=10**9)

    def settle(self) -> None:
        for who in CALCULATORS:
            self.act_go_on(Act("go_on", who))
            self.act_ask(Act("ask", who, how=Wish.UNDRAIN))
        for _ in range(SETTLING_ROUNDS):
            self._round()
            if self._rests():
                break
        else:
            raise Broken("it never came to rest")
        self._check_all()

    def _round(self) -> None:
        self.now += 500
        self.act_reform(Act("reform", "new"))
        for who in CALCULATORS:
            self.act_beat(Act("beat", who))
            self.act_calculate(Act("calculate", who, 100))
            self.act_mirror(Act("mirror", who))
        for who in CONTROLLERS:
            self.act_decide(Act("decide", who))

    def _rests(self) -> bool:
        head = self.log.head(Topic.ORDERED, 0).position
        committed = self.log.committed("reformer", 0)
        return (
            committed.position == self.log.head(Topic.RAW, 0).position
            and all(store.position >= head - 1 and not store.waiting for store in self.disks.values())
            and self.database.standing[1] >= head - 1
            and f'"controls":{len(self.controls)}' in committed.state
            and self._agree()
        )

    def _agree(self) -> bool:
        """Whether one calculator is live, one next, and every process knows what it is."""
        seats = [process.seat for process in self.processes.values() if process.seat]
        held = {holding.fence for holding in self.board.facts().holdings}
        return sorted(seat.role for seat in seats) == sorted(RoleName) and held == {seat.fence for seat in seats} - {0}

    def _check_all(self) -> None:
        raw = self.log.read(Topic.RAW, 0, 0, max_records=100_000, max_events=10**9)
        events = accepted(raw)
        expected = folded(events, [control.body for control in self.controls])  # type: ignore[misc]
        for name, store in self.disks.items():
            _same(f"the views of {name}", store.rows(), expected)
            _same(f"the fates of {name}", sum(store.fates.values()), self.log.head(Topic.RAW, 0).events)
            _same(f"what {name} applied", store.fates["applied"], len(events))
        self._check_records()

    def _check_records(self) -> None:
        live = self.board.live(0)
        assert live is not None
        store = self.disks[live.calculator]
        for device in store.heads:
            records = [record.known.says for record in self.database.of(device) if not record.known.withdrawn]
            _same(f"the alerts of {device}", _in_order(records), _in_order(intervals_of(store, device)))
        _same("what was told twice", len(self.database.told) - len(set(self.database.told)), 0)
        _same("the fences in their order", self.database.fences, sorted(self.database.fences))


def _in_order(intervals: list[Interval]) -> list[Interval]:
    return sorted(intervals, key=lambda one: (one.started_at, one.raised_at))


def _same(what: str, found: Any, expected: Any) -> None:
    if found != expected:
        raise Broken(f"{what}: {found}\ninstead of: {expected}")


def failure(history: History) -> str:
    """What goes wrong in this history; empty when nothing does."""
    try:
        World().run(history)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
