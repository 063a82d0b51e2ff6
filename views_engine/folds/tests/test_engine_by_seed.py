"""The promise of the engine once more, in histories that come from a seed: quick, and always the same ones."""

from random import Random
from typing import Any

import pytest

from views_engine.folds import engine
from views_engine.folds.contract import FoldUnit, Reading
from views_engine.folds.memory import Memory
from views_engine.folds.tests.test_engine import VALUES, arrive, found
from views_engine.folds.tests.units import UNITS, plain_fold

HISTORIES = 250


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "CHECKPOINT_EVERY", 3)


def reading(chance: Random, longest: int) -> Reading:
    value = chance.choice(VALUES)
    return Reading(
        device_id="a",
        event_type=chance.choice(["temperature", "temperature", "temperature", "humidity"]),
        event_id=chance.choice("xyz"),
        seq=chance.randint(-1, 1),
        observed_at=chance.randint(0, longest),
        timeless=False,
        value=None if value is None else value * 1_000_000,
    )


def history(chance: Random) -> list[list[Reading]]:
    """Batches; some histories have many ties, others are long."""
    longest = chance.choice([5, 30, 200])
    return [[reading(chance, longest) for _ in range(chance.randint(1, 12))] for _ in range(chance.randint(2, 8))]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_rows_equal_the_plain_fold(unit: FoldUnit[Any]) -> None:
    for seed in range(HISTORIES):
        memory, kept = arrive(unit, history(Random(seed)))
        assert found(memory) == plain_fold(unit, kept), f"seed {seed}"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_last_checkpoint_tells_whether_a_device_rested(unit: FoldUnit[Any]) -> None:
    for seed in range(HISTORIES // 5):
        memory, kept = arrive(unit, history(Random(seed)))
        checkpoints = {one.key: one.held for one in memory.devices["a"].checkpoints}
        plain, held = Memory(unit), engine.RESTING
        for one in sorted(kept, key=lambda one: one.key):
            plain.append([one])
            held = checkpoints.get(one.key, held)
            assert (held is engine.RESTING) == (plain.devices["a"].held is engine.RESTING), f"seed {seed}"
