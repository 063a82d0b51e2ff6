"""The comparison sees whatever is wrong with a store, and nothing in one that is right."""

import json
from collections.abc import Iterator

import pytest

from events.controls import RuleVersion
from tests.property.system import NOON, System
from views_engine.tests.raw import reading
from views_engine.verify.compare import Difference
from views_engine.verify.views import DAY_MS


@pytest.fixture
def system() -> Iterator[System]:
    """Two devices with three days of everything, the middle of it late; the first half is in the rollup tables."""
    system = System(fold_rows=8)
    system.decide(HOT)
    for half in (0, 1):
        system.receive([line for day in (2, 0, 1)[half * 2 :][:2] for line in _day(day)])
        system.settle()
    yield system
    system.close()


HOT = RuleVersion(
    rule=1,
    version=1,
    name="hot",
    kind="threshold",
    event_type="temperature",
    severity="info",
    parameters={"operator": "<", "value": 22},
    effective_from=0,
)


def _day(day: int) -> list[bytes]:
    time = f"2026-01-{29 + day}T11:00:00Z"
    payloads = {
        "temperature": {"value": 20 + day},
        "battery": {"value": 90 - day},
        "location": {"latitude": 45 + day, "longitude": 7},
    }
    return [
        json.dumps({**reading(0, device_id=device, event_type=name, payload=payload), "observed_at": time}).encode()
        for device in "ab"
        for name, payload in payloads.items()
    ]


def test_nothing_differs(system: System) -> None:
    assert system.differences() == []


@pytest.mark.parametrize(
    ("tampering", "view", "field"),
    [
        ("UPDATE events SET value = value + 1 WHERE event_type = 'temperature'", "events", "value"),
        ("UPDATE events SET received_at = 0", "events", "received_at"),
        ("UPDATE events SET payload = replace(payload, ' ', '')", "events", "payload"),
        ("DELETE FROM events WHERE device_id = 'b' AND event_type = 'location'", "events", "row"),
        ("INSERT INTO events FROM events LIMIT 1", "events", "row"),
        ("UPDATE latest SET value = 1 WHERE event_type = 'battery'", "latest", "value"),
        ("DELETE FROM latest WHERE device_id = 'a'", "latest", "row"),
        ("UPDATE rollup_1h SET sum = sum + 1", "windows temperature 1h", "sum"),
        ("UPDATE rollup_1d SET count = count + 1", "windows battery 1d", "count"),
        ("UPDATE rollup_1m SET start = start - 60000", "windows temperature 1m", "row"),
        ("UPDATE track_1d SET distance_mm = distance_mm + 1", "track_windows 1d", "distance_mm"),
        ("UPDATE battery_readings SET value = 2 * value", "battery_trends", "percent_per_day"),
        ("UPDATE devices SET events = 0 WHERE device_id = 'a'", "devices", "events"),
        ("UPDATE fold_outputs SET body = replace(body, 'info', 'warning')", "alert_intervals", "severity"),
        ("DELETE FROM fold_outputs WHERE device_id = 'a'", "alert_intervals", "row"),
        ("UPDATE fold_outputs SET device_id = 'ghost' WHERE device_id = 'b'", "alert_intervals", "row"),
        ("DELETE FROM devices WHERE device_id = 'b'", "devices", "row"),
        ("UPDATE fates SET count = count + 1 WHERE fate = 'applied'", "ledger", "count"),
        ("INSERT INTO fates VALUES ('invalid', 1)", "ledger", "count"),
    ],
)
def test_what_was_tampered_with_is_found(system: System, tampering: str, view: str, field: str) -> None:
    before = system.store.connection.execute("SELECT count(*) FROM events WHERE step < 2").fetchone()
    assert before != (0,)
    system.store.connection.execute(tampering)
    found = {(difference.view, difference.field) for difference in system.differences()}
    assert (view, field) in found


def test_a_device_that_nobody_sent(system: System) -> None:
    system.store.connection.execute("INSERT INTO devices VALUES ('ghost', NULL, 0, 0, 0)")
    assert system.differences() == [Difference("devices", "ghost", "row", None, ("ghost", None, 0, 0))]


def test_the_digest_does_not_tell_of_arrival(system: System) -> None:
    before = system.digests()
    system.store.connection.execute("UPDATE events SET received_at = 0, place = 'late', arrival = -arrival")
    system.store.connection.execute("UPDATE latest SET received_at = 0")
    system.store.connection.execute("UPDATE devices SET last_received_at = 0, late_events = 0")
    assert system.digests() == before


def test_the_digest_tells_of_everything_else(system: System) -> None:
    before = system.digests()
    system.store.connection.execute("UPDATE events SET event_id = 'x' WHERE device_id = 'a'")
    after = system.digests()
    assert {title for title in before if before[title] != after[title]} == {"events"}


def test_days_apart_are_days(system: System) -> None:
    """The fixture is what it says: positions a degree of latitude apart, a day each."""
    rows = system.store.connection.execute("SELECT max(observed_at), min(observed_at) FROM events").fetchone()
    assert rows == (NOON - 3_600_000, NOON - 3_600_000 - 2 * DAY_MS)
