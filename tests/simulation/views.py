"""A calculator over plain rows: the twin of the one with a store, on the same pure parts.

Shared with the real one: which markers are held and released (`epochs`), the fold engine with its repairs (`folds`),
the rules. Written again: placing events and keeping them, for which the real one has SQL.
"""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from msgspec import json

from events.controls import RuleVersion
from events.log.base import Record, Topic
from events.log.memory import MemoryLog
from events.records import Kind, read_control, read_marker
from tests.simulation.oracle import END, Rows
from tests.simulation.plain import Row, ordered_rows
from tests.simulation.units import Pauses, Swings, rule_units
from views_engine.calculator.epochs import Choice, Held, oldest, on_marker, owed
from views_engine.folds.contract import Key
from views_engine.folds.engine import Made, Shown
from views_engine.folds.memory import Memory


class Store:
    """Everything one calculator keeps. A step works on a copy, which takes the place of the original at the commit."""

    def __init__(self) -> None:
        self.position = self.epoch = self.clock = 0
        self.versions: list[RuleVersion] = []
        self.kept: dict[tuple[str, int, str], Row] = {}
        self.heads: dict[str, Key] = {}
        self.waiting: list[tuple[int, Row]] = []
        self.held: list[Held] = []
        self.fates = {"applied": 0, "duplicate": 0, "conflict": 0}
        self.folds: dict[str, Memory] = {unit.name: Memory(unit) for unit in (Swings(), Pauses())}
        self.touched: dict[str, tuple[int, int]] = {}

    def copy(self) -> "Store":
        other = copy(self)
        for name in ("versions", "kept", "heads", "waiting", "held", "fates", "touched"):
            setattr(other, name, copy(getattr(self, name)))
        other.folds = {name: _copied(memory) for name, memory in self.folds.items()}
        return other

    @property
    def version(self) -> tuple[int, int]:
        return self.epoch, self.position

    @property
    def owes(self) -> int:
        """The epoch that a deputy must have reached, as the beat reports it."""
        return owed(self.held)

    def rows(self) -> Rows:
        found: Rows = {}
        for name, memory in self.folds.items():
            for device in sorted(memory.devices):
                rows = [(made.key, _plain(made)) for made in memory.rows(device)]
                if shown := memory.showing(device):
                    rows.append((END, _plain(shown)))
                if rows:
                    found[name, device] = rows
        return found

    def waits(self) -> list[Row]:
        return [row for _, row in self.waiting]


class Views:
    """The worker. `defers` says whether heavy repairs are left to a deputy."""

    def __init__(self, log: MemoryLog, store: Store, defers: Callable[[], bool]) -> None:
        self.log, self.store, self.defers = log, store, defers

    def next_store(self, max_records: int) -> Store | None:
        """What one step makes of the store, for whoever commits it; None when there is nothing to do."""
        defers = self.defers()
        store = self.store.copy()
        if store.held and not defers:
            release(store)
            return store
        records = self.log.read(Topic.ORDERED, 0, store.position, max_records=max_records)
        for record in records:
            take(store, record, defers=defers)
        return store if records else None


def take(store: Store, record: Record, *, defers: bool) -> None:
    kind = record.headers["kind"]
    if kind == Kind.EVENTS:
        _place(store, ordered_rows(record), record.position)
    elif kind == Kind.MARKER:
        _meet(store, record, defers=defers)
    elif kind == Kind.CONTROL:
        _know(store, [one.body for one in read_control(record) if isinstance(one.body, RuleVersion)])
    store.position, store.clock = record.position + 1, max(store.clock, record.timestamp)


def release(store: Store) -> None:
    marker = oldest(store.held)
    _let_in(store, marker)
    store.held.remove(marker)


def _place(store: Store, rows: Sequence[Row], position: int) -> None:
    before, ahead = dict(store.heads), list[Row]()
    for row in sorted(rows, key=lambda row: row.arrival):
        first = store.kept.setdefault(row.identity, row)
        if first is not row:
            store.fates["duplicate" if first.content == row.content else "conflict"] += 1
        elif row.device not in before or row.key > before[row.device]:
            ahead.append(row)
        else:
            store.waiting.append((position, row))
    for row in ahead:
        store.heads[row.device] = max(row.key, store.heads.get(row.device, row.key))
    store.fates["applied"] += len(ahead)
    _fold(store, ahead, late=False)


def _meet(store: Store, record: Record, *, defers: bool) -> None:
    marker = read_marker(record)
    since = max((held.position for held in store.held), default=-1)
    if not any(position > since for position, _ in store.waiting):
        return
    at = Held(record.position, marker.epoch, record.timestamp, marker.plan)
    if on_marker(holding=bool(store.held), plan=marker.plan, defers=defers) is Choice.REPAIR:
        _let_in(store, at)
    else:
        store.held.append(at)


def _let_in(store: Store, marker: Held) -> None:
    due = [row for position, row in store.waiting if position < marker.position]
    store.waiting = [(position, row) for position, row in store.waiting if position >= marker.position]
    store.fates["applied"] += len(due)
    store.epoch = marker.epoch
    _fold(store, due, late=True)


def _fold(store: Store, rows: Sequence[Row], *, late: bool) -> None:
    readings = [row.reading() for row in sorted(rows, key=lambda row: (row.device, row.key))]
    for memory in store.folds.values():
        (memory.insert if late else memory.append)(readings)
    for row in rows:
        store.touched[row.device] = store.epoch, store.position


def _know(store: Store, versions: Sequence[RuleVersion]) -> None:
    """A decision changes what a rule says of all there is; it is folded anew."""
    store.versions += versions
    waiting = set(map(id, store.waits()))
    joined = [row.reading() for row in store.kept.values() if id(row) not in waiting]
    for unit in rule_units(store.versions):
        store.folds[unit.name] = Memory(unit)
        store.folds[unit.name].append(sorted(joined, key=lambda reading: (reading.device_id, reading.key)))
    for device in store.heads:
        store.touched[device] = store.epoch, store.position


def _copied(memory: Memory) -> Memory:
    other = copy(memory)
    other.devices = copy(memory.devices)
    for name, device in memory.devices.items():
        other.devices[name] = copy(device)
        for field in ("readings", "made", "checkpoints", "faults"):
            setattr(other.devices[name], field, list(getattr(device, field)))
    return other


def _plain(row: Made | Shown) -> tuple[int, Any]:
    return row.since, json.decode(row.body)
