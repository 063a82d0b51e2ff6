"""Events in any order and decisions at any time, all the way: at every step the alerts are those of the named set."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.controls import DeviceFacts, RuleVersion
from tests.property.decisions import decided, stirring, types_of
from tests.property.histories import Event, agreeing, spelled
from tests.property.system import System
from tests.property.test_any_way_of_arrival import EXAMPLES, holds, slow, take

pytestmark = pytest.mark.timeout(60 + 20 * EXAMPLES)

Decision = RuleVersion | DeviceFacts
_steps = st.lists(
    st.sampled_from(["reform", "calculate", "calculate", "wait", "restart reformer", "restart calculator"]), max_size=4
)
_sizes = st.fixed_dictionaries(
    {"batch_size": st.sampled_from([1, 5, 100_000]), "fold_rows": st.sampled_from([1, 7, 10**6])}
)


@st.composite
def happenings(draw: st.DrawFn) -> list[tuple[list[Event], list[Decision], list[str]]]:
    """Some events, some decisions, some steps, again and again; in all the decisions that were to be made."""
    said = draw(decided())
    events = st.lists(stirring(types_of(said)), max_size=6)
    found = []
    while said:
        count = draw(st.integers(0, 3))
        found.append((draw(events), said[:count], draw(_steps)))
        said = said[count:]
    return [*found, (draw(events), [], draw(_steps))]


@slow
@given(happenings(), _sizes)
def test_every_version_equals_the_fold_of_its_events_and_decisions(
    happening: list[tuple[list[Event], list[Decision], list[str]]], sizes: dict[str, Any]
) -> None:
    system = System(**sizes)
    for events, said, steps in happening:
        system.decide(*said)
        if events:
            system.receive([spelled(event, False) for event in events])
        for step in steps:
            take(system, step)
    system.settle()
    holds(system)
    system.close()


def _alerts(events: list[Event], said: list[Decision], pieces: int) -> Any:
    """The rows at the same clock, when everything came in so many pieces, decisions first or last."""
    system = System()
    if pieces > 1:
        system.decide(*said)
    for start in range(pieces):
        system.receive([spelled(event, False) for event in events[start::pieces]] or [b"null"])
        system.reform()
        system.calculate()
    system.decide(*said[: 0 if pieces > 1 else len(said)])
    system.settle()
    system.wait(system.now % 100_000 and 100_000 - system.now % 100_000)
    system.settle()
    holds(system)
    return system.digests()["alert_intervals"]


@slow
@given(data=st.data(), said=decided())
def test_any_order_of_arrival_gives_the_same_alerts(data: st.DataObject, said: list[Decision]) -> None:
    events = agreeing(data.draw(st.lists(stirring(types_of(said)), min_size=1, max_size=16)))
    shuffled = data.draw(st.permutations(events))
    assert _alerts(shuffled, said, data.draw(st.integers(2, 5))) == _alerts(events, said, 1)
