"""Areas in GeoJSON (RFC 7946): Polygon and MultiPolygon, place by place. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from views_engine.rules.base import number_fault

MOST_POSITIONS = 2_000
"""A fence of more corners than this is a map; every replica would carry it in its log."""

FEWEST_POSITIONS = 4
"""A triangle, and its first corner again."""

EDGES = (180.0, 90.0)
LONGEST_POSITION = 3


class Misplaced(NamedTuple):
    """What is wrong, at which place under the polygon, as a JSON pointer."""

    place: str
    code: str
    detail: str


def rings_of(polygon: Mapping[str, Any]) -> list[Any]:
    """The rings of each of its polygons: the outer one first, then its holes."""
    coordinates = polygon["coordinates"]
    return list(coordinates) if polygon["type"] == "MultiPolygon" else [coordinates]


def polygon_faults(polygon: Any) -> list[Misplaced]:
    """Everything that keeps it from being an area, as far as single rings and positions show it."""
    if not isinstance(polygon, Mapping):
        return [Misplaced("", "wrong_type", "This is not a GeoJSON object.")]
    if polygon.get("type") not in ("Polygon", "MultiPolygon"):
        return [Misplaced("/type", "out_of_range", "The type must be Polygon or MultiPolygon.")]
    if "coordinates" not in polygon:
        return [Misplaced("/coordinates", "missing", "coordinates are required.")]
    look = _rings if polygon["type"] == "Polygon" else _polygons
    return list(look(polygon["coordinates"], "/coordinates")) or _too_many(polygon)


def _too_many(polygon: Mapping[str, Any]) -> list[Misplaced]:
    positions = sum(len(ring) for rings in rings_of(polygon) for ring in rings)
    if positions <= MOST_POSITIONS:
        return []
    return [Misplaced("/coordinates", "out_of_range", f"{positions} positions; at most {MOST_POSITIONS} will do.")]


def _polygons(polygons: Any, place: str) -> Iterator[Misplaced]:
    if fault := _not_a_list(polygons, place, "polygons"):
        yield fault
        return
    for number, rings in enumerate(polygons):
        yield from _rings(rings, f"{place}/{number}")


def _rings(rings: Any, place: str) -> Iterator[Misplaced]:
    if fault := _not_a_list(rings, place, "rings"):
        yield fault
        return
    for number, ring in enumerate(rings):
        yield from _ring(ring, f"{place}/{number}")


def _ring(ring: Any, place: str) -> Iterator[Misplaced]:
    if fault := _not_a_list(ring, place, "positions"):
        yield fault
        return
    faults = [fault for number, position in enumerate(ring) for fault in _position(position, f"{place}/{number}")]
    yield from faults
    if faults:
        return
    if list(ring[0][:2]) != list(ring[-1][:2]):
        yield Misplaced(place, "bad_polygon", "The ring is not closed: its last position must be its first.")
    elif len(ring) < FEWEST_POSITIONS:
        yield Misplaced(place, "bad_polygon", f"A ring has at least {FEWEST_POSITIONS} positions.")


def _position(position: Any, place: str) -> Iterator[Misplaced]:
    if not isinstance(position, Sequence) or isinstance(position, str) or not 2 <= len(position) <= LONGEST_POSITION:
        yield Misplaced(place, "wrong_type", "A position is [longitude, latitude].")
        return
    for number, edge in enumerate(EDGES):
        if fault := number_fault(position[number], -edge, edge):
            yield Misplaced(f"{place}/{number}", *fault)


def _not_a_list(value: Any, place: str, of: str) -> Misplaced | None:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return Misplaced(place, "wrong_type", f"This is not a list of {of}.")
    return None if value else Misplaced(place, "bad_polygon", f"There are no {of}.")
