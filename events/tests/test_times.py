from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.decoding.times import parse_time, parse_times

DAY = 86_400_000


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-02T00:00:00.5Z", DAY + 500),
        ("1970-01-02T00:00:00.1239999Z", DAY + 123),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("1970-01-01t02:00:00z", 7_200_000),
        ("1970-01-01T05:30:00+05:30", 0),
        ("1969-12-31T12:00:00-12:00", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ],
)
def test_times(text: str, milliseconds: int) -> None:
    assert parse_time(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00Z",
        "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00,5Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T23:60:00Z",
        "2026-06-30T23:59:60Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "+10000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-00:01",
        "0001-01-01T00:00:00+00:01",
        "2026-01-31T12:00:00+24:00",
        "2026-01-31T12:00:00+0100",
        "2026-01-31T12:00:00Z\n",
        "２０２６-01-31T12:00:00Z",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"zone|years|must be|out of range|invalid|Invalid"):
        parse_time(text)
    assert not parse_times([text])[1].any()


@given(st.lists(st.tuples(st.datetimes(), st.booleans()), max_size=5))
def test_a_column_says_what_one_by_one_says(moments: list[tuple[datetime, bool]]) -> None:
    texts = [f"{moment.isoformat(timespec='milliseconds' if fine else 'seconds')}Z" for moment, fine in moments]
    times, known = parse_times(texts)
    assert known.all()
    assert times.tolist() == [parse_time(text) for text in texts]


@given(st.datetimes())
def test_one_time_is_what_the_calendar_says(moment: datetime) -> None:
    since = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    assert parse_time(f"{moment.isoformat(timespec='microseconds')}Z") == since // timedelta(milliseconds=1)
