"""Whatever way events take, the views equal the fold: at the end, and at every step on the way."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.records import Source
from tests.property.histories import Event, agreeing, lines, spelled, timed
from tests.property.system import NOON, System

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "30"))

pytestmark = pytest.mark.timeout(60 + 10 * EXAMPLES)

slow = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

_steps = st.lists(
    st.sampled_from(["reform", "calculate", "calculate", "tick", "wait", "restart reformer", "restart calculator"]),
    max_size=4,
)
_sources = st.sampled_from([Source.DOOR, Source.DOOR, Source.DIRECT, Source.IMPORT])
_received = st.one_of(st.none(), st.sampled_from([NOON - 3_600_000, NOON + 86_400_000, NOON + 86_400_001]))
_happenings = st.lists(st.tuples(st.lists(lines(), min_size=1, max_size=8), _sources, _received, _steps), max_size=8)
_sizes = st.fixed_dictionaries(
    {"batch_size": st.sampled_from([1, 5, 100_000]), "fold_rows": st.sampled_from([1, 7, 10**6])}
)


def take(system: System, step: str) -> None:
    match step:
        case "reform":
            system.reform()
        case "calculate":
            system.calculate()
            holds(system)
        case "tick":
            system.wait(1)
        case "wait":
            system.wait(1001)
        case "restart reformer":
            system.restart_reformer()
        case "restart calculator":
            system.restart_calculator()


def holds(system: System) -> None:
    assert system.differences() == []
    received, accounted = system.balance()
    assert received == accounted


@slow
@given(happenings=_happenings, sizes=_sizes)
def test_every_version_equals_the_fold_of_its_events(happenings: list[Any], sizes: dict[str, Any]) -> None:
    system = System(**sizes)
    for sent, source, received_at, steps in happenings:
        system.receive(sent, source, received_at)
        for step in steps:
            take(system, step)
    system.settle()
    holds(system)
    system.close()


def _cut(events: list[Event], cuts: list[int]) -> list[list[Event]]:
    pieces, start = [], 0
    for length in cuts:
        pieces.append(events[start : start + length])
        start += length
    return [piece for piece in (*pieces, events[start:]) if piece]


def _views_of(events: list[Event], cuts: list[int], backwards: bool, sizes: dict[str, Any]) -> dict[str, str]:
    """The digests after these events arrived in this order, so many at a time."""
    system = System(**sizes)
    for piece in _cut(events, cuts):
        system.receive([spelled(event, backwards) for event in piece])
        system.reform()
        system.calculate()
        system.wait(400)
    system.settle()
    holds(system)
    found = system.digests()
    system.close()
    return found


_cuts = st.lists(st.integers(1, 6), max_size=12)


@slow
@given(data=st.data(), events=st.lists(timed(), min_size=1, max_size=25).map(agreeing), sizes=_sizes)
def test_any_order_of_arrival_gives_the_same_digests(
    data: st.DataObject, events: list[Event], sizes: dict[str, Any]
) -> None:
    again = data.draw(st.lists(st.sampled_from(events), max_size=5))
    shuffled = data.draw(st.permutations(events + again))
    in_order = _views_of(events, [], False, {})
    assert _views_of(shuffled, data.draw(_cuts), data.draw(st.booleans()), sizes) == in_order
