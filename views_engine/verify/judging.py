"""What a version of a rule says of one reading of a list, in fractions: the table of kinds in docs/api.md."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from views_engine.verify.reading import Observed
from views_engine.verify.views import DAY_MS, since_charge, slope_per_ms

MILLION = 1_000_000
Badness = Callable[[int], int | Fraction]


class Case(NamedTuple):
    """The reading at `place` among the device's events of its type, and the version that judges it."""

    events: list[Observed]
    place: int
    version: Mapping[str, Any]

    @property
    def event(self) -> Observed:
        return self.events[self.place]

    @property
    def value(self) -> Fraction:
        return Fraction(self.event.value or 0, MILLION)

    def given(self, name: str) -> Fraction:
        """A parameter to the millionth."""
        return Fraction(round(self.version["parameters"][name] * 1e6), MILLION)

    def ms(self, name: str, default: int = 0) -> int:
        seconds = self.version["parameters"].get(name)
        return default if seconds is None else round(seconds * 1000)

    def mark(self, verdict: str, measure: Fraction | None, badness: Badness = int) -> "Mark":
        whole = None if measure is None else round(measure * MILLION)
        return Mark(self.event.observed_at, verdict, whole, self.ms("for_s"), self.version, badness)


class Mark(NamedTuple):
    """`verdict` is hot, clear, between, or unseen; of two measures the one with more `badness` is more extreme."""

    at: int
    verdict: str
    measure: int | None
    for_ms: int
    version: Mapping[str, Any]
    badness: Badness = int


def threshold(case: Case) -> Mark:
    sign, limit = case.version["parameters"]["operator"], case.given("value")
    clearing = limit if case.version["parameters"].get("clear_value") is None else case.given("clear_value")
    # Below is above in the mirror.
    side = 1 if sign[0] == ">" else -1
    over, under = side * (case.value - limit), side * (case.value - clearing)
    if over > 0 or (over == 0 and sign[1:] == "="):
        return case.mark("hot", case.value, lambda value: side * value)
    cleared = under < 0 or (under == 0 and sign[1:] == "")
    return case.mark("clear" if cleared else "between", case.value, lambda value: side * value)


def band(case: Case) -> Mark:
    low, high = case.given("low"), case.given("high")
    outside = case.value < low or case.value > high
    middle = (low + high) / 2
    return case.mark("hot" if outside else "clear", case.value, lambda value: abs(Fraction(value, MILLION) - middle))


def rate(case: Case) -> Mark:
    before = case.events[case.place - 1] if case.place else None
    if before is None or before.value is None or before.observed_at == case.event.observed_at:
        return case.mark("between", None)
    change = abs(case.value - Fraction(before.value, MILLION))
    speed = change / (case.event.observed_at - before.observed_at) * case.ms("per_s", 60_000)
    return case.mark("hot" if speed > case.given("limit") else "clear", speed)


def geofence(case: Case) -> Mark:
    polygon, east, north = case.version["parameters"]["polygon"], case.event.longitude, case.event.latitude
    several = polygon["coordinates"] if polygon["type"] == "MultiPolygon" else [polygon["coordinates"]]
    assert east is not None
    assert north is not None
    within = any(inside(east, north, rings) for rings in several)
    return case.mark("hot" if within == (case.version["parameters"]["when"] == "inside") else "clear", None)


def battery(case: Case) -> Mark:
    if case.version["parameters"].get("below") is not None:
        return case.mark("hot" if case.value < case.given("below") else "clear", case.value, lambda value: -value)
    left = _days_left(case)
    low = left is not None and left < case.given("days_left_below")
    return case.mark("hot" if low else "clear", left, lambda value: -value)


def _days_left(case: Case) -> Fraction | None:
    readings = [
        (event.observed_at, event.value)
        for event in case.events[: case.place + 1]
        if event.value is not None and event.observed_at >= case.event.observed_at - 7 * DAY_MS
    ]
    slope = slope_per_ms(since_charge(readings))
    if slope is None or slope >= 0:
        return None
    return case.value / -(slope * DAY_MS / MILLION)


def inside(east: int, north: int, rings: list[list[list[float]]]) -> bool:
    """Whether a ray to the east crosses the edges an odd number of times; a point on an edge is inside."""
    crossings = 0
    for ring in rings:
        corners = [(round(corner[0] * 1e6), round(corner[1] * 1e6)) for corner in ring]
        for (x, y), (to_x, to_y) in pairwise(corners):
            if _between(east, north, (x, y), (to_x, to_y)):
                return True
            if (y > north) != (to_y > north):
                crossings += x + Fraction((north - y) * (to_x - x), to_y - y) > east
    return crossings % 2 == 1


def _between(east: int, north: int, start: tuple[int, int], end: tuple[int, int]) -> bool:
    (x, y), (to_x, to_y) = start, end
    in_line = (to_x - x) * (north - y) == (to_y - y) * (east - x)
    return in_line and min(x, to_x) <= east <= max(x, to_x) and min(y, to_y) <= north <= max(y, to_y)


JUDGES: Mapping[str, Callable[[Case], Mark]] = {
    "threshold": threshold,
    "range": band,
    "rate_of_change": rate,
    "geofence": geofence,
    "battery": battery,
}
