"""Rules that have something to say of the real measurements; they judge all of the past."""

from typing import Any

from events.controls import RuleVersion

GRENOBLE = [[[5.6, 45.1], [5.9, 45.1], [5.75, 45.3], [5.6, 45.1]]]
AUSTIN = [[[-97.76, 30.24], [-97.72, 30.26], [-97.73, 30.30], [-97.77, 30.28], [-97.76, 30.24]]]


def _rule(number: int, kind: str, event_type: str | None, **parameters: Any) -> RuleVersion:
    return RuleVersion(
        rule=number,
        version=1,
        name=f"{kind} {number}",
        kind=kind,
        event_type=event_type,
        severity="warning",
        parameters=parameters,
        effective_from=0,
    )


def _fence(*polygons: Any) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": list(polygons)}


RULES = (
    _rule(1, "threshold", "temperature", operator=">", value=28, clear_value=26, for_s=600),
    _rule(2, "range", "temperature", low=23, high=28),
    _rule(3, "rate_of_change", "temperature", limit=3, per_s=3600),
    _rule(4, "no_data", None, after_s=7200),
    _rule(5, "no_data", "location", after_s=600),
    _rule(6, "geofence", None, polygon=_fence(GRENOBLE, AUSTIN), when="inside", for_s=60),
    _rule(7, "geofence", None, polygon=_fence(GRENOBLE, AUSTIN), when="outside"),
)
