"""The fold's own reader, against expectations worked out by hand."""

import json
from typing import Any

import pytest

from views_engine.tests.raw import NOON, reading
from views_engine.verify.json_text import NotJson, canonical_text, member_text, parse
from views_engine.verify.payloads import Refused
from views_engine.verify.reading import Facts, Observed, read_line
from views_engine.verify.times import milliseconds

DEFAULTS = Facts()


def read(sent: Any, *, own_times: bool = False, facts: Facts = DEFAULTS) -> Observed:
    line = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    return read_line(line, arrival=7, received_at=NOON, own_times=own_times, facts=facts)


@pytest.mark.parametrize(
    ("event_type", "payload", "millionths"),
    [
        ("temperature", {"value": 21.5}, 21_500_000),
        ("temperature", {"value": 1e-6, "unit": None}, 1),
        ("temperature", {"value": 212, "unit": "fahrenheit"}, 100_000_000),
        ("temperature", {"value": -459.67, "unit": "fahrenheit"}, -273_150_000),
        ("temperature", {"value": 0, "unit": "kelvin"}, -273_150_000),
        ("temperature", {"value": 0.0000005}, 0),
        ("temperature", {"value": 0.0000015}, 2),
        ("humidity", {"value": 100}, 100_000_000),
        ("battery", {"value": 0, "voltage": 3.1}, 0),
    ],
)
def test_canonical_value(event_type: str, payload: dict[str, Any], millionths: int) -> None:
    assert read(reading(0, event_type=event_type, payload=payload)).value == millionths


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("device_id", None, "missing"),
        ("device_id", "a\n", "bad_id"),
        ("device_id", "a/b", "bad_id"),
        ("device_id", "x" * 65, "bad_id"),
        ("device_id", 5, "wrong_type"),
        ("event_type", "noise", "unknown_event_type"),
        ("event_id", "two words", "bad_id"),
        ("event_id", "", "bad_id"),
        ("seq", -1, "out_of_range"),
        ("seq", 2**63, "out_of_range"),
        ("seq", True, "wrong_type"),
        ("seq", 1.0, "wrong_type"),
        ("payload", [], "wrong_type"),
        ("payload", {"value": 1000.1}, "out_of_range"),
        ("payload", {"value": "1"}, "wrong_type"),
        ("payload", {"value": True}, "wrong_type"),
        ("payload", {}, "missing"),
        ("payload", {"value": 1, "unit": "rankine"}, "unknown_unit"),
        ("payload", {"value": 1, "unit": 1}, "wrong_type"),
        ("observed_at", "2026-01-31T12:00:00", "bad_time"),
        ("observed_at", 1, "wrong_type"),
    ],
)
def test_refusal(member: str, value: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read({**reading(1), member: value})
    assert refused.value.code == code


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b'{"a": "\\ud800"}',
        b'{"a": 1, "a": 1}',
        b'{"a": ' + b"[" * 32 + b"]" * 32 + b"}",
        b'{"a": "\n"}',
        b"{} {}",
    ],
)
def test_what_is_no_json_of_ours(line: bytes) -> None:
    with pytest.raises(Refused, match="not_json"):
        read(line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00.0019z", 1),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2026-01-31T12:00:00.5+05:30", NOON + 500 - 19_800_000),
        ("2026-01-31T12:00:00-00:30", NOON + 1_800_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ],
)
def test_times(text: str, expected: int) -> None:
    assert milliseconds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31",
        "2026-01-31T12:00Z",
        "2026-02-29T12:00:00Z",
        "2016-12-31T23:59:60Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:00:00+24:00",
        "2026-01-31 12:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "0000-01-01T00:00:00Z",
        "２026-01-31T12:00:00Z",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(Refused, match="bad_time"):
        milliseconds(text)


def test_a_position_has_no_value() -> None:
    event = read(reading(0, event_type="location", payload={"latitude": 45.1234565, "longitude": -180}))
    assert (event.value, event.latitude, event.longitude) == (None, 45_123_456, -180_000_000)


def test_the_id_of_an_event_without_one_is_the_md5_of_its_content() -> None:
    # printf '21500000|5|{"a":1}' | md5sum
    assert read(reading(0, seq=5, payload={"value": 21.5, "unit": "celsius", "a": 1.0})).event_id == "8b0e485ec512b839"


def test_an_event_with_neither_id_nor_time_is_named_by_its_arrival() -> None:
    event = read(reading(1, observed_at=None))
    assert (event.event_id, event.observed_at, event.timeless) == ("arrival.7", NOON, True)


@pytest.mark.parametrize(("own_times", "received_at"), [(True, 0), (False, NOON)])
def test_only_an_import_says_itself_when_it_was_received(own_times: bool, received_at: int) -> None:
    assert read(reading(1, received_at="1970-01-01T00:00:00Z"), own_times=own_times).received_at == received_at


@pytest.mark.parametrize(
    ("payload", "value"),
    [({"value": 5}, 5_000_000), ({"value": "high"}, None), ({}, None), ({"value": -0.5}, -500_000)],
)
def test_custom_types_measure_numbers_only(payload: dict[str, Any], value: int | None) -> None:
    facts = Facts(custom_types={"door"})
    assert read(reading(0, event_type="door", payload=payload), facts=facts).value == value


@pytest.mark.parametrize(
    ("value", "refused", "code"),
    [(1e12, {}, "out_of_range"), (1, {7: "invalid"}, "schema"), (-1e12, {}, "out_of_range")],
)
def test_refused_by_a_custom_type(value: float, refused: dict[int, str], code: str) -> None:
    facts = Facts(custom_types={"door"}, refused=refused)
    with pytest.raises(Refused, match=code):
        read(reading(value, event_type="door"), facts=facts)


@pytest.mark.parametrize(
    "text",
    [
        '{"payload": {"value": 1}, "a": 2}',
        '{"a": {"payload": 3}, "payload"  : {"value": 1}}',
        '{"a":"{","payload":{"value": 1}}',
        '{"\\u0070ayload":{"value": 1}, "b": [{}]}',
    ],
)
def test_a_member_as_it_was_sent(text: str) -> None:
    assert member_text(text, "payload") == '{"value": 1}'


def test_depth_counts_the_outermost_level() -> None:
    assert parse("[[]]", 2) == [[]]
    with pytest.raises(NotJson):
        parse('["[", [[]]]', 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1.0, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        (1e16, "10000000000000000"),
        (-1e20, '{"integer":"-100000000000000000000"}'),
        (1.5e-7, "1.5e-7"),
        (0.00001234, "0.00001234"),
        (-123.25, "-123.25"),
        (2**64, '{"integer":"18446744073709551616"}'),
        ("é\n\u2028", '"é\\n\u2028"'),
    ],
)
def test_canonical_text(value: Any, text: str) -> None:
    assert canonical_text(value) == text
