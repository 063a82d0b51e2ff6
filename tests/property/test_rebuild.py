"""Views that are made again from their own events are the same, wherever a store stands."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.property.histories import Event, agreeing, spelled, timed
from tests.property.system import System
from tests.property.test_any_way_of_arrival import EXAMPLES, holds, slow
from views_engine.calculator import rebuild as rebuilding
from views_engine.calculator.rebuild import SET_WISE, rebuild

__all__ = ["EXAMPLES"]

_units = st.none() | st.lists(st.sampled_from([unit.name for unit in SET_WISE]), min_size=1, unique=True)


def _arrived(events: list[Event], fold_rows: int) -> System:
    system = System(fold_rows=fold_rows)
    for at in range(0, len(events), 3):
        system.receive([spelled(event, False) for event in events[at : at + 3]])
        system.reform()
        system.calculate()
        system.wait(400)
    return system


@slow
@given(
    events=st.lists(timed(), min_size=1, max_size=25).map(agreeing),
    more=st.lists(timed(), max_size=5),
    fold_rows=st.sampled_from([1, 7, 10**6]),
    units=_units,
    stretch=st.sampled_from([1, 4, 10**6]),
)
def test_rebuilt_views_are_the_same_and_go_on_alike(
    events: list[Event], more: list[Event], fold_rows: int, units: Any, stretch: int
) -> None:
    system, rebuilding.STRETCH_EVENTS = _arrived(events, fold_rows), stretch
    before, standing = system.digests(), system.store.standing
    rebuild(system.store, units)
    assert system.digests() == before
    assert (system.store.standing.epoch, system.store.standing.position) == (standing.epoch, standing.position)
    holds(system)
    system.receive([spelled(event, False) for event in agreeing([*events, *more])])
    system.settle()
    holds(system)
    system.close()
