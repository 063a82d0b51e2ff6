"""Real measurements in any order of arrival: the same views, and a ledger that balances.

Everyday runs take a part of each set; `WHOLE_REAL_DATA=1` takes all of it.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, islice
from pathlib import Path

import pytest

from events.importing.files import open_source
from events.importing.mapping import load_mapping
from events.records import Source
from tests.property.system import System
from tests.real_data.rules import RULES

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
WHOLE = bool(os.environ.get("WHOLE_REAL_DATA"))
PART = 4_000
RECORD = 5_000 if WHOLE else 1_000
STEP_EVERY = 10 if WHOLE else 2
ORDERS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "reversed": lambda lines: lines[::-1],
    "every row twice": lambda lines: [line for line in lines for _ in range(2)],
    "twice, one after the other": lambda lines: lines + lines,
}


@cache
def recorded(name: str) -> list[bytes]:
    """The lines of a set in the order of its file."""
    folder = SAMPLES / name
    source = open_source(folder / "events.csv.gz", load_mapping(folder / "mapping.yaml"))
    lines = chain.from_iterable(block.lines for block in source.blocks)
    return list(lines if WHOLE else islice(lines, PART))


def imported(lines: list[bytes]) -> System:
    """A system that has taken these lines in, a few records a step."""
    system = System()
    system.decide(*RULES)
    for number, start in enumerate(range(0, len(lines), RECORD)):
        system.receive(lines[start : start + RECORD], Source.IMPORT)
        if number % STEP_EVERY == 0:
            system.reform()
            system.calculate()
            system.wait(500)
    system.settle()
    return system


@pytest.fixture(scope="module", params=["campusiot_helium", "capmetro_bus"])
def in_order(request: pytest.FixtureRequest) -> Iterator[tuple[str, System]]:
    system = imported(recorded(request.param))
    yield request.param, system
    system.close()


def fates(system: System) -> Counter[str]:
    return Counter(dict(system.store.connection.execute("SELECT fate, count FROM fates WHERE count > 0").fetchall()))


def new(system: System) -> int:
    return fates(system)["applied"] + fates(system)["applied_late"]


def test_the_views_are_the_fold_of_the_events(in_order: tuple[str, System]) -> None:
    _, system = in_order
    assert system.differences() == []


def test_every_rule_that_can_has_something_to_say(in_order: tuple[str, System]) -> None:
    name, system = in_order
    rows = system.store.connection.execute("SELECT DISTINCT unit FROM fold_outputs").fetchall()
    expected = {4, 5, 6, 7} if name == "capmetro_bus" else {1, 2, 3, 4, 5, 6, 7}
    assert {int(unit.removeprefix("rule:")) for (unit,) in rows} == expected


def test_nothing_of_the_sets_is_refused_and_the_ledger_balances(in_order: tuple[str, System]) -> None:
    name, system = in_order
    assert system.balance() == (len(recorded(name)), len(recorded(name)))
    assert set(fates(system)) <= {"applied", "applied_late", "duplicate"}
    assert new(system) == len(set(map(without_arrival, recorded(name))))


@pytest.mark.timeout(3600 if WHOLE else 120)
@pytest.mark.parametrize("order", ORDERS)
def test_any_order_gives_the_same_views(in_order: tuple[str, System], order: str) -> None:
    name, system = in_order
    lines = ORDERS[order](recorded(name))
    other = imported(lines)
    assert other.digests() == system.digests()
    assert other.balance() == (len(lines), len(lines))
    assert new(other) == new(system)
    assert other.differences() == []
    other.close()


def without_arrival(line: bytes) -> bytes:
    """What an event says: its line without the time at which it was received."""
    head, _, rest = line.partition(b'"received_at":"')
    return head + rest.partition(b'",')[2] if rest else line
