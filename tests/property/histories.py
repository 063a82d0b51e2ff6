"""Histories of a small fleet: events that tie, repeat, contradict each other and sit on every border there is."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from tests.property.system import NOON, STRANGER

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

Event = dict[str, Any]

DEVICES = ("a", "b", "Z:9")


def rfc_3339(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03}Z"


def _moments() -> st.SearchStrategy[int]:
    """Before noon: few enough to tie, on both sides of the borders of windows, and any time of ten days back."""
    border = st.builds(
        lambda unit, n, off: n * unit + off, st.sampled_from([MINUTE, HOUR, DAY]), _few, st.sampled_from([-1, 0, 1])
    )
    return st.one_of(border, st.integers(0, 5).map(lambda n: n * 1000), st.integers(0, 10 * DAY)).map(
        lambda before: NOON - abs(before)
    )


_few = st.integers(0, 8)


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    coarse = st.integers(round(low), round(high))
    return st.one_of(coarse, st.floats(low, high, allow_nan=False).map(lambda number: round(number, 7)))


_spare = st.fixed_dictionaries({}, optional={"note": st.sampled_from(["x", "é", 1, 1.0, None, [1, {"k": "{"}]])})
_temperature = st.one_of(
    st.builds(lambda v: {"value": v}, _numbers(-273, 1000)),
    st.builds(lambda v: {"unit": "fahrenheit", "value": v}, _numbers(-459, 1000)),
    st.builds(lambda v: {"value": v, "unit": "kelvin"}, _numbers(0, 1000)),
)
_battery = st.builds(lambda v: {"value": v, "voltage": 3.7}, st.sampled_from([10, 14.9, 15, 19.9, 20, 80, 79.5, 100]))
_position = st.builds(
    lambda latitude, longitude: {"latitude": latitude, "longitude": longitude},
    st.one_of(st.sampled_from([-90, 90, 0, 45.1234567]), _numbers(-90, 90)),
    st.one_of(st.sampled_from([-180, 180, 179.999999, -179.999999, 0]), _numbers(-180, 180)),
)
_PAYLOADS: dict[str, st.SearchStrategy[Event]] = {
    "temperature": _temperature,
    "humidity": st.builds(lambda v: {"value": v}, _numbers(0, 100)),
    "battery": _battery,
    "location": _position,
    "door": st.builds(lambda v: {"value": v}, st.one_of(st.integers(-5, 5), st.just("open"))),
}


@st.composite
def timed(draw: st.DrawFn) -> Event:
    """One well-formed event with a time, sent in any of the ways one may send it."""
    event_type = draw(st.sampled_from(sorted(_PAYLOADS)))
    event = {
        "device_id": draw(st.sampled_from(DEVICES)),
        "event_type": event_type,
        "observed_at": rfc_3339(draw(_moments())),
        "payload": {**draw(_PAYLOADS[event_type]), **draw(_spare)},
    }
    event_id = draw(st.one_of(st.none(), st.sampled_from(["1", "2", "É".encode().hex(), "~"])))
    seq = draw(st.one_of(st.none(), st.integers(0, 2), st.just(2**63 - 1)))
    return {**event, **({"event_id": event_id} if event_id else {}), **({} if seq is None else {"seq": seq})}


@st.composite
def timeless(draw: st.DrawFn) -> Event:
    event = draw(timed())
    del event["observed_at"]
    return event


@st.composite
def astray(draw: st.DrawFn) -> Event:
    """Well-formed, but nothing that a history takes."""
    event = draw(timed())
    far = st.sampled_from(["2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1999-12-31T23:59:59.999Z"])
    return draw(st.sampled_from([{**event, "observed_at": draw(far)}, {**event, "device_id": STRANGER}]))


def spelled(event: Event, backwards: bool) -> bytes:
    """The event as a line, its members in this order or the other."""
    members = reversed(event.items()) if backwards else event.items()
    return json.dumps(dict(members), ensure_ascii=backwards).encode()


_garbage = st.one_of(
    st.binary(max_size=20).filter(lambda line: b"\n" not in line),
    st.sampled_from(
        [
            b"{}",
            b"null",
            b'{"device_id":"a","event_type":"temperature","payload":{"value":NaN}}',
            b'{"device_id":"a","event_type":"temperature","payload":{"value":1e400}}',
            b'{"device_id":"a","event_type":"temperature","payload":{"value":1,"value":2}}',
            b'{"device_id":"a","event_type":"noise","payload":{"value":1}}',
            b'{"device_id":"a","event_type":"door","payload":{}}',
            b'{"device_id":"a\\n","event_type":"humidity","payload":{"value":1}}',
        ]
    ),
)


def lines() -> st.SearchStrategy[bytes]:
    """Any line that a raw log may hold."""
    event = st.one_of(timed(), timed(), timed(), timeless(), astray())
    return st.one_of(st.builds(spelled, event, st.booleans()), st.builds(spelled, event, st.booleans()), _garbage)


def _identity(event: Event) -> tuple[Any, ...] | None:
    named = event.get("event_id")
    return (event["device_id"], event["event_type"], event["observed_at"], named) if named else None


def agreeing(events: list[Event]) -> list[Event]:
    """The same list, where an id that is used again repeats what was said under it first."""
    said: dict[Any, Event] = {}
    return [said.setdefault(identity, event) if (identity := _identity(event)) else event for event in events]
