"""The server's clock jumps back an hour: the log's clock stands still until it is passed again, and nothing is lost."""

import json
from datetime import UTC, datetime

from events.log.base import Topic
from tests.property.system import NOON, System

HOUR_MS = 3_600_000


def line(device: str, at: int) -> bytes:
    moment = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
    event = {"device_id": device, "event_type": "temperature", "observed_at": moment, "payload": {"value": 20}}
    return json.dumps(event).encode()


def jumped() -> System:
    """Two devices are heard of at noon and a little later; then it is eleven, and they go on sending."""
    system = System()
    for moment in (NOON, NOON + 60_000):
        system.now = moment
        system.receive([line("a", system.now), line("b", system.now - 1)])
        system.settle()
    system.now = NOON - HOUR_MS
    for _ in range(5):
        system.receive([line("a", system.now), line("b", system.now - 1)])
        system.settle()
    return system


def test_the_clock_of_the_log_never_goes_back() -> None:
    records = jumped().log.read(Topic.ORDERED, 0, 0)
    stamps = [record.timestamp for record in records]
    assert stamps == sorted(stamps)
    assert max(stamps) >= NOON + 60_000


def test_nothing_is_lost_and_every_number_is_right() -> None:
    system = jumped()
    assert system.differences() == []
    assert system.store.connection.execute("SELECT count(*) FROM events").fetchall() == [(14,)]
    received, accounted = system.balance()
    assert received == accounted


def test_who_sent_a_moment_ago_is_not_called_silent() -> None:
    system = jumped()
    clock = system.store.standing.clock
    heard = system.store.connection.execute("SELECT min(last_received_at) FROM devices").fetchall()
    assert clock - heard[0][0] < 60_000


def test_it_goes_on_when_the_clock_has_been_passed_again() -> None:
    system = jumped()
    before = system.store.standing.clock
    system.now = NOON + 2 * HOUR_MS
    system.receive([line("a", system.now)])
    system.settle()
    assert system.store.standing.clock > before
    assert system.differences() == []
