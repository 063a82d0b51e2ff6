"""Decisions of people for small histories: rules of every kind with parameters on the borders, and facts of devices."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from events.controls import DeviceFacts, RuleVersion, Scope
from tests.property.histories import DAY, DEVICES, HOUR, MINUTE, Event, rfc_3339
from tests.property.system import NOON

SQUARE = [[[-90, -45], [0, -45], [0, 45.1234567], [-90, 45.1234567], [-90, -45]]]
WITH_A_HOLE = [*SQUARE, [[-60, -20], [-30, -20], [-30, 20], [-60, 20], [-60, -20]]]
FAR = [[[[100, -90], [180, -90], [180, 90], [100, -90]]]]

_seconds = st.sampled_from([0, 1, 2, 60, 3600, 86_400])
_levels = st.sampled_from([-5, 0, 1, 15, 20, 50, 79.5])


_units = st.sampled_from([1000, MINUTE, HOUR, DAY])


def _moments() -> st.SearchStrategy[int]:
    """Ten days before noon and a little after it, on the borders where events are, and on either side of them."""
    near = st.builds(
        lambda unit, n, off: NOON - unit * n + off, _units, st.integers(-1, 8), st.sampled_from([-1, 0, 1])
    )
    return st.one_of(near, st.just(NOON - 20 * DAY), st.just(NOON + DAY))


_first_moments = st.one_of(st.just(NOON - 20 * DAY), st.just(NOON - 20 * DAY), _moments())


def _threshold(sign: str, value: float, gap: float | None, for_s: int) -> dict[str, Any]:
    clear = None if gap is None else (value - gap if sign[0] == ">" else value + gap)
    return {"operator": sign, "value": value, "clear_value": clear, "for_s": for_s}


_signs = st.sampled_from([">", ">=", "<", "<="])
_threshold_parameters = st.builds(_threshold, _signs, _levels, st.sampled_from([None, 0, 0.5, 20]), _seconds)
_range = st.builds(
    lambda low, width, for_s: {"low": low, "high": low + width, "for_s": for_s}, _levels, _levels.map(abs), _seconds
)
_rate = st.builds(
    lambda limit, per_s: {"limit": limit, "per_s": per_s},
    st.sampled_from([0, 0.5, 5, 100]),
    st.sampled_from([None, 1, 3600]),
)
_no_data = st.builds(lambda after_s: {"after_s": after_s}, st.sampled_from([0.001, 1, 60, 3600, 90_000]))
_polygons = st.sampled_from(
    [
        {"type": "Polygon", "coordinates": SQUARE},
        {"type": "Polygon", "coordinates": WITH_A_HOLE},
        {"type": "MultiPolygon", "coordinates": [WITH_A_HOLE, *FAR]},
    ]
)
_fence = st.builds(
    lambda polygon, when, for_s: {"polygon": polygon, "when": when, "for_s": for_s},
    _polygons,
    st.sampled_from(["inside", "outside"]),
    _seconds,
)
_battery = st.one_of(
    st.sampled_from([15, 20, 79.5]).map(lambda below: {"below": below}),
    st.sampled_from([0.1, 1, 30, 36_500]).map(lambda days: {"days_left_below": days}),
)
KINDS: Mapping[str, tuple[list[str | None], st.SearchStrategy[dict[str, Any]]]] = {
    "threshold": (["temperature", "battery", "door"], _threshold_parameters),
    "range": (["temperature", "humidity", "door"], _range),
    "rate_of_change": (["temperature", "door"], _rate),
    "no_data": ([None, "temperature", "location"], _no_data),
    "geofence": ([None, "location"], _fence),
    "battery": ([None, "battery"], _battery),
}

_names = st.lists(st.sampled_from(["north", "south"]), max_size=1)
_scopes = st.one_of(
    st.just(Scope()),
    st.just(Scope()),
    st.builds(
        Scope,
        devices=st.lists(st.sampled_from(DEVICES), max_size=1),
        device_types=_names,
        groups=_names,
        tags=_names,
    ),
)


_numbers = st.sampled_from([-6, 0, 0.5, 1, 14.5, 15, 19.5, 20, 30, 49.999999, 50, 50.000001, 79.5, 90])
_places = st.sampled_from([(0, 0), (45.1234567, -50), (-20, -45), (0, -45), (80, 150), (50, -50), (45.123457, -90)])


@st.composite
def stirring(draw: st.DrawFn, event_types: Sequence[str]) -> Event:
    """An event of one of these types, close to others and to the borders of rules."""
    event_type = draw(st.sampled_from(event_types))
    payload: Event = {"value": draw(_numbers)}
    if event_type == "location":
        latitude, longitude = draw(_places)
        payload = {"latitude": latitude, "longitude": longitude}
    elif event_type == "door" and draw(st.integers(0, 5)) == 0:
        payload = {"value": "open"}
    elif event_type in ("battery", "humidity"):
        payload = {"value": max(0, payload["value"])}
    moment = NOON - draw(st.sampled_from([1000, MINUTE, HOUR, HOUR, DAY])) * draw(st.integers(0, 5))
    return {
        "device_id": draw(st.sampled_from(["a", "a", "b"])),
        "event_type": event_type,
        "observed_at": rfc_3339(moment),
        "seq": draw(st.integers(0, 2)),
        "payload": payload,
    }


def types_of(said: Iterable[RuleVersion | DeviceFacts]) -> list[str]:
    """The event types that these rules judge."""
    known = {"battery": "battery", "geofence": "location"}
    rules = [body for body in said if isinstance(body, RuleVersion)]
    return sorted({known.get(rule.kind) or rule.event_type or "humidity" for rule in rules})


@st.composite
def rule_versions(draw: st.DrawFn, rule: int = 1) -> list[RuleVersion]:
    """One rule and its changes, of a single kind and event type."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    event_types, parameters = KINDS[kind]
    event_type = draw(st.sampled_from(event_types))
    return [
        RuleVersion(
            rule=rule,
            version=number,
            name=f"{kind} {number}",
            kind=kind,
            event_type=event_type,
            severity=draw(st.sampled_from(["info", "warning", "critical"])),
            parameters=draw(parameters),
            scope=draw(_scopes),
            enabled=draw(st.sampled_from([True, True, True, False])),
            effective_from=draw(_moments() if number > 1 else _first_moments),
        )
        for number in range(1, 1 + draw(st.integers(1, 3)))
    ]


def device_facts() -> st.SearchStrategy[DeviceFacts]:
    return st.builds(
        DeviceFacts,
        device_id=st.sampled_from(DEVICES),
        since=_moments(),
        device_type=st.sampled_from([None, "north", "south"]),
        groups=_names,
        tags=_names,
    )


@st.composite
def decided(draw: st.DrawFn) -> list[RuleVersion | DeviceFacts]:
    """A few rules and facts, in the order in which they were decided."""
    versions = [draw(rule_versions(rule)) for rule in range(1, 1 + draw(st.integers(1, 3)))]
    facts = draw(st.lists(device_facts(), max_size=4))
    queues: list[list[Any]] = [*versions, facts]
    order = draw(st.permutations([place for place, queue in enumerate(queues) for _ in queue]))
    return [queues[place].pop(0) for place in order]
