from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.decoding import batch_of
from events.event import Event, Reading
from events.ordering import DAY_MS, Limits, in_order, set_aside
from events.records import EVENTS
from events.tests.lines import NOW

LIMITS = Limits(max_clock_ahead=300_000, earliest_observed_at=946_684_800_000)


def event(**members: Any) -> Event:
    plain: dict[str, Any] = {
        "device_id": "a",
        "event_type": "humidity",
        "event_id": "e",
        "seq": -1,
        "observed_at": NOW,
        "received_at": NOW,
        "timeless": False,
        "reading": Reading(value=1),
        "payload": "{}",
        "content": 1,
    }
    return Event(**(plain | members))


events = st.lists(
    st.builds(
        event,
        device_id=st.sampled_from(["a", "B", "a-1", "a1"]),
        event_type=st.sampled_from(["humidity", "é", "\ue000", "\U00010000", "battery"]),
        event_id=st.sampled_from(["e", "E", "10", "9", "~"]),
        seq=st.sampled_from([-1, 0, 5, 2**63 - 1]),
        observed_at=st.sampled_from([NOW - 1, NOW, -5, NOW + 1]),
        timeless=st.booleans(),
    ),
    max_size=12,
)


@given(events)
def test_rows_come_in_the_order_of_device_and_order_key(found: list[Event]) -> None:
    numbered = [event(**_members(each) | {"arrival": number}) for number, each in enumerate(found)]
    expected = sorted(numbered, key=lambda each: (each.device_id.encode(), each.order_key))
    assert in_order(batch_of(numbered)).to_pylist() == batch_of(expected).to_pylist()


def _members(found: Event) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Event.__slots__}


@pytest.mark.parametrize(
    ("members", "aside"),
    [
        ({}, None),
        ({"observed_at": NOW + 300_000}, None),
        ({"observed_at": NOW + 300_001}, "future"),
        ({"observed_at": 946_684_800_000}, None),
        ({"observed_at": 946_684_799_999}, "too_old"),
        ({"observed_at": 0}, "too_old"),
        ({"observed_at": 253_402_300_799_999}, "future"),
        ({"observed_at": 0, "timeless": True}, "too_old"),
    ],
)
def test_what_is_set_aside(members: dict[str, Any], aside: str | None) -> None:
    assert set_aside(batch_of([event(**members)]), LIMITS)["aside"].to_pylist() == [aside]


@pytest.mark.parametrize(("age", "aside"), [(30 * DAY_MS, None), (30 * DAY_MS + 1, "too_old")])
def test_beyond_retention_is_too_old(age: int, aside: str | None) -> None:
    limits = Limits(max_clock_ahead=0, earliest_observed_at=0, retention=30 * DAY_MS)
    assert set_aside(batch_of([event(observed_at=NOW - age)]), limits)["aside"].to_pylist() == [aside]


def test_the_schema_stays_and_no_rows_are_fine() -> None:
    empty = batch_of([])
    assert in_order(set_aside(empty, LIMITS)).schema == EVENTS
    judged = in_order(set_aside(batch_of([event(), event(observed_at=0)]), LIMITS))
    assert judged.schema == EVENTS
    assert isinstance(judged, pa.RecordBatch)
