"""Whatever the order of arrival and however it is cut: rows equal the plain fold, and checkpoints tell the truth."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from views_engine.folds import engine
from views_engine.folds.contract import FoldUnit, Key, Reading
from views_engine.folds.memory import Memory
from views_engine.folds.tests.units import UNITS, Folded, HotSpells, plain_fold

VALUES = (10, 20, 31, 31, 40, 50, None)

readings = st.builds(
    lambda at, seq, kind, value, name: Reading(
        device_id="a",
        event_type=kind,
        event_id=name,
        seq=seq,
        observed_at=at,
        timeless=False,
        value=None if value is None else value * 1_000_000,
    ),
    at=st.integers(0, 30),
    seq=st.integers(-1, 1),
    kind=st.sampled_from(["temperature", "temperature", "humidity"]),
    value=st.sampled_from(VALUES),
    name=st.sampled_from("xyz"),
)
arrivals = st.lists(st.lists(readings, max_size=6), max_size=10)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "CHECKPOINT_EVERY", 3)


def arrive(unit: FoldUnit[Any], batches: Sequence[Sequence[Reading]]) -> tuple[Memory, list[Reading]]:
    """Batch by batch: what lies ahead of the head is appended, the rest is late and inserted at once."""
    memory, kept, head = Memory(unit), dict[Key, Reading](), None
    for batch in batches:
        fresh = {one.key: one for one in batch if one.key not in kept}
        ahead = [one for one in fresh.values() if head is None or one.key > head]
        late = [one for one in fresh.values() if head is not None and one.key < head]
        memory.append(ahead)
        memory.insert(late)
        kept.update(fresh)
        head = max(kept) if kept else None
    return memory, list(kept.values())


def found(memory: Memory) -> Folded:
    shown = memory.showing("a")
    return Folded(
        [(row.key, row.n, row.since, json.loads(row.body)) for row in memory.rows("a")],
        None if shown is None else (shown.since, json.loads(shown.body)),
        memory.faults("a")[0].key if memory.faults("a") else None,
    )


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
@given(batches=arrivals)
@settings(max_examples=300, deadline=None)
def test_rows_equal_the_plain_fold(unit: FoldUnit[Any], batches: list[list[Reading]]) -> None:
    memory, kept = arrive(unit, batches)
    assert found(memory) == plain_fold(unit, kept)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
@given(batches=arrivals)
@settings(max_examples=150, deadline=None)
def test_the_last_checkpoint_before_a_moment_tells_what_was_held(
    unit: FoldUnit[Any], batches: list[list[Reading]]
) -> None:
    memory, kept = arrive(unit, batches)
    awake_for = 0
    checkpoints = {one.key: one.held for one in memory.devices["a"].checkpoints}
    plain = Memory(unit)
    held = engine.RESTING
    read = [one for one in kept if unit.event_types is None or one.event_type in unit.event_types]
    for one in sorted(read, key=lambda one: one.key):
        plain.append([one])
        truth = plain.devices["a"].held
        held = checkpoints.get(one.key, held)
        assert (held is engine.RESTING) == (truth is engine.RESTING)
        assert (held == engine.ASIDE) == (truth == engine.ASIDE)
        if one.key in checkpoints:
            assert held == truth
        awake_for = 0 if one.key in checkpoints or truth in (engine.RESTING, engine.ASIDE) else awake_for + 1
        assert awake_for < 3


class Counting(HotSpells):
    applied = 0

    def apply(self, state: Any, event: Reading) -> Any:
        self.applied += 1
        return super().apply(state, event)


def temperature(at: int, value: float) -> Reading:
    return Reading(
        device_id="a",
        event_type="temperature",
        event_id="e",
        seq=-1,
        observed_at=at,
        timeless=False,
        value=int(value * 1e6),
    )


def test_a_resting_device_costs_nothing() -> None:
    unit = Counting()
    Memory(unit).append([temperature(at, 20) for at in range(1_000)])
    assert unit.applied == 0


def test_a_late_reading_costs_what_it_affects_however_long_ago_it_was() -> None:
    unit = Counting()
    memory = Memory(unit)
    memory.append([temperature(at, 20) for at in range(0, 100_000, 10)])
    memory.insert([temperature(15, 35)])
    assert unit.applied == 2
    assert len(memory.rows("a")) == 1


def test_a_late_reading_that_does_not_stir_a_resting_device_is_not_even_looked_at() -> None:
    unit = Counting()
    memory = Memory(unit)
    memory.append([temperature(at, 20) for at in range(0, 1000, 10)])
    memory.insert([temperature(15, 25)])
    assert unit.applied == 0


def test_a_late_reading_heals_a_fault() -> None:
    memory = Memory(next(unit for unit in UNITS if unit.name == "fragile"))
    memory.append([temperature(0, 31), temperature(20, 50), temperature(30, 20)])
    assert [fault.reason for fault in memory.faults("a")] == ["ValueError: 50 degrees"]
    memory.insert([temperature(10, 20)])
    assert memory.faults("a") == []
    assert [row.since for row in memory.rows("a")] == [0, 20]
