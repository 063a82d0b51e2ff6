"""Lines for tests: one plain event, and what generators make of it."""

import json
from typing import Any

from hypothesis import strategies as st

from events.event_types import BUILT_IN

NOW = 1_790_000_000_000
"""The receive time of the tests: a moment in September 2026."""


def event(**members: Any) -> dict[str, Any]:
    """A good temperature event; a member given as `...` is left out."""
    plain: dict[str, Any] = {
        "device_id": "device-1",
        "event_type": "temperature",
        "payload": {"value": 21.5, "unit": "celsius"},
        "observed_at": "2026-01-31T12:00:00.000Z",
        "event_id": "e-1",
        "seq": 7,
    }
    return {name: member for name, member in (plain | members).items() if member is not ...}


def line(**members: Any) -> bytes:
    return json.dumps(event(**members)).encode()


_numbers = st.one_of(
    st.integers(-500, 1200),
    st.floats(-300, 1100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [0.1 + 0.2, 68, 5e-324, -0.0, 1e15, 2**53 + 1, 0.0000005, 0.0000015, 20.0000025, 10**30, -459.67, -273.15]
    ),
)
_scalars = st.one_of(_numbers, st.none(), st.booleans(), st.text(max_size=5))
_optional_numbers = st.one_of(_numbers, st.none())


def _payload(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


_payloads = {
    "temperature": _payload({"value": _numbers}, unit=st.sampled_from(["celsius", "fahrenheit", "kelvin", "rankine"])),
    "humidity": _payload({"value": _numbers}, unit=st.just("percent")),
    "battery": _payload({"value": _numbers}, unit=st.just("percent"), voltage=_optional_numbers),
    "co2": _payload(
        {"value": st.one_of(_numbers, st.integers(-6, 1001), st.sampled_from([1000.5, 999_999_999_999.99]))},
        unit=st.sampled_from(["ppm", "ppb"]),
        floor=st.sampled_from([1, "two"]),
    ),
    "counter": _payload({"value": _numbers}, unit=st.just("any")),
    "location": _payload(
        {"latitude": _numbers, "longitude": _numbers},
        altitude=_optional_numbers,
        speed=_numbers,
        accuracy=_numbers,
    ),
}
TYPES = BUILT_IN.with_custom(
    [
        {
            "slug": "co2",
            "unit": "ppm",
            "schema": {
                "type": "object",
                "properties": {
                    "value": {"type": "number", "minimum": -5, "exclusiveMaximum": 1000.5},
                    "unit": {"enum": ["ppm"]},
                    "floor": {"type": "integer"},
                },
            },
        },
        {"slug": "counter"},
    ]
)
"""The built-in types and two custom ones, for lines of `any_line`."""

_odd_payload = st.one_of(
    _scalars, st.dictionaries(st.sampled_from(["value", "unit", "voltage", "latitude", "x"]), _scalars, max_size=4)
)
_times = st.one_of(
    st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='milliseconds')}Z"),
    st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='seconds')}Z"),
    st.sampled_from(
        [
            "2026-02-30T00:00:00Z",
            "2024-02-29T23:59:59.999Z",
            "2026-01-31T12:00:00.123999+05:30",
            "2026-01-31t12:00:00z",
            "2026-01-31T24:00:00Z",
            "2026-06-30T23:59:60Z",
            "1969-12-31T23:59:59.999Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00:00.000é",
        ]
    ),
)


@st.composite
def _documents(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(list(_payloads)))
    return draw(
        st.fixed_dictionaries(
            {
                "device_id": st.sampled_from(["a", "device-1", "x" * 64]),
                "event_type": st.just(kind),
                "payload": _payloads[kind],
            },
            optional={
                "observed_at": _times,
                "event_id": st.sampled_from(["e", "~!#", "x" * 64, ":", "derived"]),
                "seq": st.one_of(st.integers(0, 99), st.sampled_from([2**63 - 1, 2**63, -1])),
            },
        )
    )


@st.composite
def _odd_documents(draw: st.DrawFn) -> dict[str, Any]:
    document = draw(_documents())
    name = draw(
        st.sampled_from(["device_id", "event_type", "payload", "observed_at", "event_id", "seq", "received_at", "x"])
    )
    return document | {name: draw(st.one_of(_odd_payload, _times, st.sampled_from([1.0, True, [], "a b", "x" * 65])))}


@st.composite
def _texts(draw: st.DrawFn) -> bytes:
    document = draw(st.one_of(_documents(), _documents(), _odd_documents()))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]))
    text = json.dumps(document, separators=separators, ensure_ascii=draw(st.booleans()))
    return text.encode("utf-8", "surrogatepass")


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """A line with a piece of it put in again, taken out or replaced: doubled members, broken syntax, bad bytes."""
    text = draw(_texts())
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    piece = draw(
        st.one_of(
            st.sampled_from(
                [
                    b'"seq":1,',
                    b'"seq" :1,',
                    b'"device_id":"b",',
                    b'"unit":"kelvin",',
                    b'"value":1e400,',
                    b'"value":NaN,',
                    b'"x":"\\ud800",',
                    b"\\u0061",
                    b"\xff",
                    b"\xed\xa0\x80",
                    b"[" * 40,
                    b"01",
                    b"null",
                    b"",
                ]
            ),
            st.binary(max_size=3),
            st.just(text[start:end]),
        )
    )
    return (text[:start] + piece + draw(st.sampled_from([text[start:], text[end:]]))).replace(b"\n", b" ")


any_line = st.one_of(_texts(), _texts(), _damaged())
"""Plain lines, odd lines and garbage."""
