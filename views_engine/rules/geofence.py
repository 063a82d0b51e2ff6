"""A position inside or outside of a polygon; its edge is inside.

Everything is in whole millionths of a degree, which doubles hold exactly, and Shapely's predicates are exact on them:
one position and a column of them get the same answer.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import shapely

from events.event import canonical
from views_engine.folds.contract import Columns, Reading
from views_engine.rules.base import (
    LONGEST_S,
    Fields,
    Forgetful,
    Judgement,
    Memory,
    Needs,
    Verdict,
    Verdicts,
    duration_ms,
    hot_if,
    there,
)
from views_engine.rules.geojson import polygon_faults, rings_of


class Fence(NamedTuple):
    area: Any
    inside: bool
    for_ms: int

    def judge(self, reading: Reading, memory: Memory) -> Verdict:
        if reading.latitude is None or reading.longitude is None:
            return Verdict(Judgement.NEITHER)
        return hot_if(bool(shapely.intersects_xy(self.area, reading.longitude, reading.latitude)) == self.inside)

    def verdicts(self, events: Columns) -> Verdicts:
        known = there(events.latitude, events.longitude)
        within = shapely.intersects_xy(self.area, events.longitude.filled(0), events.latitude.filled(0))
        hot = within == self.inside
        return Verdicts(hot & known, ~hot & known)

    def extreme(self, one: int, other: int) -> int:
        return one


class Geofence(Forgetful):
    name = "geofence"
    needs = Needs(event_type="location")

    def check(self, parameters: Fields) -> None:
        parameters.choice("when", ("inside", "outside"))
        parameters.number("for_s", low=0, high=LONGEST_S, needed=False)
        polygon = parameters.value("polygon")
        if polygon is None:
            return
        faults = polygon_faults(polygon)
        for place, code, detail in faults:
            parameters.fault(f"polygon{place}", code, detail)
        if not faults and not shapely.is_valid(shape := area_of(polygon)):
            reason = shapely.is_valid_reason(shape).split("[")[0].lower()
            parameters.fault("polygon", "bad_polygon", f"This polygon is no area: {reason}.")

    def condition(self, parameters: Mapping[str, Any]) -> Fence:
        area = area_of(parameters["polygon"])
        shapely.prepare(area)
        return Fence(area, parameters["when"] == "inside", duration_ms(parameters, "for_s"))


def area_of(polygon: Mapping[str, Any]) -> Any:
    """The area in millionths of a degree, east before north."""
    return shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in _micro(polygon)])


def _micro(polygon: Mapping[str, Any]) -> list[list[list[tuple[int, int]]]]:
    return [
        [[(canonical(position[0]), canonical(position[1])) for position in ring] for ring in rings]
        for rings in rings_of(polygon)
    ]
