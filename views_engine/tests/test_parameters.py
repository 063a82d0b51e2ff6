import pytest
from django.http import QueryDict

from views_engine.api.parameters import (
    CURSOR,
    DEVICE_ID,
    EVENT_TYPE,
    FORMAT,
    FROM,
    LIMIT,
    TO,
    BadParameters,
    choice,
    read,
    time_ms,
)

KNOWN = (DEVICE_ID, EVENT_TYPE, FROM, TO, LIMIT, CURSOR, FORMAT, choice("order", "", "asc", "desc", default="asc"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00.5z", 500),
        ("1970-01-01T00:00:00.0019999Z", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T01:00:00 01:00", 0),
        ("1969-12-31T14:30:00.001-09:30", 1),
        ("2026-01-31T12:00:00.000Z", 1_769_860_800_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000),
    ],
)
def test_times_are_read_to_the_millisecond(text: str, expected: int) -> None:
    assert time_ms(text) == expected


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("from=2026-01-31", "from", "bad_time"),
        ("from=2026-01-31T12:00:00", "from", "bad_time"),
        ("from=10000-01-01T00:00:00Z", "from", "bad_time"),
        ("from=2026-02-30T00:00:00Z", "from", "bad_time"),
        ("from=2026-01-31T23:59:60Z", "from", "bad_time"),
        ("to=2026-01-31T12:00:00%2B24:00", "to", "bad_time"),
        ("to=yesterday", "to", "bad_time"),
        ("to=", "to", "bad_time"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from", "out_of_range"),
        ("limit=0", "limit", "out_of_range"),
        ("limit=1001", "limit", "out_of_range"),
        ("limit=-1", "limit", "out_of_range"),
        ("limit=1.5", "limit", "out_of_range"),
        ("limit=%D9%A1", "limit", "out_of_range"),
        ("limit=ten", "limit", "out_of_range"),
        ("cursor=", "cursor", "bad_cursor"),
        ("cursor=%00", "cursor", "bad_cursor"),
        ("device_id=a/b", "device_id", "bad_id"),
        ("device_id=a%0Ab", "device_id", "bad_id"),
        ("device_id=", "device_id", "bad_id"),
        ("device_id=" + "a" * 65, "device_id", "bad_id"),
        ("event_type=Temp%20erature", "event_type", "bad_value"),
        ("order=sideways", "order", "not_a_choice"),
        ("format=xml", "format", "not_a_choice"),
        ("order=asc&order=desc", "order", "repeated"),
        ("nonsense=1", "nonsense", "unknown_parameter"),
    ],
)
def test_nonsense_is_refused_by_name(query: str, name: str, code: str) -> None:
    with pytest.raises(BadParameters) as refused:
        read(QueryDict(query), KNOWN)
    assert [(error.name, error.code) for error in refused.value.errors] == [(name, code)]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(BadParameters) as refused:
        read(QueryDict("limit=0&from=never&colour=red"), KNOWN)
    assert [error["pointer"] for error in refused.value.listed()] == ["/colour", "/from", "/limit"]


def test_what_is_not_given_has_its_default() -> None:
    values = read(QueryDict("device_id=a&device_id=b"), KNOWN)
    assert values["device_id"] == ["a", "b"]
    assert (values["limit"], values["order"], values["from"], values["cursor"]) == (100, "asc", None, None)
