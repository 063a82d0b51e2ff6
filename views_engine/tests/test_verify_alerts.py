"""The second judgement of rules leaves no kind out, and has its own idea of what is inside."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property import decisions
from views_engine.rules import KINDS
from views_engine.rules.geofence import Geofence
from views_engine.rules.tests.telling import reading
from views_engine.verify.judging import JUDGES, inside

STAR: list[Any] = [[[0, 0], [4, 1], [8, 0], [7, 4], [8, 8], [4, 7], [0, 8], [1, 4], [0, 0]]]
HOLLOW = [*STAR, [[3, 3], [5, 3], [5, 5], [3, 5], [3, 3]]]


def test_every_kind_is_judged_a_second_time() -> None:
    assert KINDS.keys() == {*JUDGES, "no_data"} == decisions.KINDS.keys()


@pytest.mark.parametrize("rings", [STAR, HOLLOW], ids=["star", "with a hole"])
@given(east=st.integers(-1, 18), north=st.integers(-1, 18))
def test_both_know_what_is_inside(rings: Any, east: int, north: int) -> None:
    where = east / 2, north / 2
    polygon = {"type": "Polygon", "coordinates": rings}
    fence = Geofence().condition({"polygon": polygon, "when": "inside"})
    hot = fence.judge(reading(0, where=where), ()).judgement.value == "hot"
    assert hot == inside(round(where[0] * 1e6), round(where[1] * 1e6), rings)
