"""Units of one's own over the whole way: whatever the order of arrival, the verifier finds nothing to say."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from tests.property.system import NOON, System
from views_engine.api.times import iso
from views_engine.calculator.rebuild import rebuild
from views_engine.folds.tests.units import UNITS

MINUTE = 60_000


@pytest.fixture
def system(settings: Any) -> Iterator[System]:
    """All the units of the engine's own tests, and 1,440 readings of two devices, many of them late."""
    paths = [f"{type(unit).__module__}.{type(unit).__qualname__}" for unit in UNITS]
    calculator = settings.CONFIG.calculator.model_copy(update={"units": paths})
    settings.CONFIG = settings.CONFIG.model_copy(update={"calculator": calculator})
    system = System(fold_rows=400)
    for number, lines in enumerate(_arrivals(Random(7))):
        system.receive(lines, at=NOON)
        system.reform()
        if number % 3:
            system.calculate()
        system.wait(300)
    system.settle()
    yield system
    system.close()


def _arrivals(chance: Random) -> Iterator[list[bytes]]:
    """Readings of two days, each up to some minutes behind its turn, a few of them a day."""
    times = range(NOON - 2880 * MINUTE, NOON, MINUTE)
    turns = [(at + chance.choice([0, 0, 0, 5, 40, 1400]) * MINUTE, at) for at in times]
    lines = [_line(chance, at) for _, at in sorted(turns)[::2]]
    yield from (lines[start : start + 60] for start in range(0, len(lines), 60))


def _line(chance: Random, at: int) -> bytes:
    event = {
        "device_id": chance.choice("aab"),
        "event_type": chance.choice(["temperature", "temperature", "humidity"]),
        "payload": {"value": chance.choice([10, 10, 20, 29, 31, 31, 40, 50])},
        "observed_at": iso(at),
    }
    return json.dumps(event).encode()


def test_rows_and_faults_equal_the_fold_of_the_raw_log(system: System) -> None:
    assert system.differences() == []


def test_a_wrong_row_is_noticed(system: System) -> None:
    system.store.connection.execute("UPDATE fold_outputs SET since = since + 1 WHERE unit = 'jumps'")
    assert {difference.view for difference in system.differences()} == {"unit_rows jumps"}


def test_a_rebuild_comes_to_the_same(system: System) -> None:
    good = system.digests()
    system.store.connection.execute("DELETE FROM fold_outputs WHERE unit = 'hot'")
    assert system.digests() != good
    rebuild(system.store, ["hot"])
    assert system.digests() == good
    assert system.differences() == []
