"""Histories that once went wrong, or nearly, by name."""

from collections.abc import Iterator

import pytest

from events.records import Source
from tests.property.histories import Event, spelled
from tests.property.system import System


@pytest.fixture
def system() -> Iterator[System]:
    system = System()
    yield system
    system.close()


def reading(**members: object) -> bytes:
    event: Event = {"device_id": "a", "event_type": "temperature", "payload": {"value": 1}, **members}
    return spelled(event, False)


def holds(system: System, **fates: int) -> None:
    system.settle()
    assert system.differences() == []
    found = system.store.connection.execute("SELECT fate, count FROM fates").fetchall()
    assert dict(found) == fates


def test_an_id_that_looks_like_one_of_ours(system: System) -> None:
    """Sent without a time it names the same event for a day, like any id that a device chose."""
    system.receive([reading(event_id="arrival.5")])
    system.wait(60_000)
    system.receive([reading(event_id="arrival.5")])
    holds(system, applied=1, duplicate=1)


def test_received_at_the_beginning_of_time(system: System) -> None:
    """1970-01-01T00:00:00Z is the number 0, and yet a time."""
    system.receive([reading(received_at="1970-01-01T00:00:00Z", observed_at="2026-01-31T11:00:00Z")], Source.IMPORT)
    holds(system, future=1)


def test_received_before_events_may_be_observed(system: System) -> None:
    """What has no time was observed when it was received, which may be too old as well."""
    system.receive([reading(received_at="1969-12-31T23:59:59.999Z")], Source.IMPORT)
    holds(system, too_old=1)


def test_one_number_written_in_two_ways(system: System) -> None:
    """Contents are compared as JSON values, also beyond the whole numbers that a double can hold."""
    timed = {"event_id": "x", "observed_at": "2026-01-31T11:00:00Z"}
    system.receive([reading(payload={"value": 1, "n": 10**17}, **timed)])
    system.receive([reading(payload={"value": 1, "n": 1e17}, **timed)])
    holds(system, applied=1, duplicate=1)


def test_late_behind_a_head_that_a_new_reformer_has_not_seen(system: System) -> None:
    """It saw another late reading first, took that for the head, and left the one after it without a marker."""
    system.receive([reading(observed_at="2026-01-31T11:50:00Z")])
    system.reform()
    system.receive([reading(observed_at="2026-01-31T11:10:00Z")])
    system.wait(60_000)
    system.restart_reformer()
    system.reform()
    system.receive([reading(observed_at="2026-01-31T11:30:00Z")])
    holds(system, applied=1, applied_late=2)


def test_a_batch_behind_a_repair_has_a_transaction_of_its_own(system: System) -> None:
    """In one with the repair of 200,000 late events DuckDB found none of them (decision 0025): duplicates were new."""
    for number in range(3):
        system.receive([reading(event_id=str(number))])
        system.wait(1000)
        system.reform()
    positions: list[int] = []
    system.calculator.changes.listen(lambda line: positions.append(system.store.standing.position))
    before = system.store.standing.position
    assert system.calculator.step()
    assert positions == list(range(before + 1, system.store.standing.position + 1))
