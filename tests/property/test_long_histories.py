"""Thousands of events from a seed: rarer meetings of events than small examples hold."""

import json
import random
from collections.abc import Iterator

import pytest

from events.records import Source
from tests.property.histories import DAY, HOUR, MINUTE, Event, rfc_3339
from tests.property.system import NOON, System

EVENTS = 3000


def _observed(chance: random.Random, now: int) -> int:
    """Mostly the present, a buffer of the last hours now and then, and the borders of windows."""
    back = chance.choice([0, 0, 0, chance.randrange(MINUTE), chance.randrange(6 * HOUR), chance.randrange(9 * DAY)])
    moment = now - back
    return moment - moment % chance.choice([1, 1, 1000, MINUTE, HOUR])


def _payload(chance: random.Random, event_type: str) -> Event:
    if event_type == "location":
        return {"latitude": chance.uniform(-90, 90), "longitude": chance.choice([180, -180, chance.uniform(-180, 180)])}
    if event_type == "battery":
        return {"value": chance.randrange(0, 101, 3)}
    return {"value": chance.uniform(-200, 900), "unit": chance.choice(["celsius", "kelvin"])}


def _event(chance: random.Random, now: int) -> Event:
    event_type = chance.choice(["temperature", "battery", "location"])
    event: Event = {"device_id": f"device-{chance.randrange(12)}", "event_type": event_type}
    event["payload"] = _payload(chance, event_type)
    if chance.random() < 0.95:
        event["observed_at"] = rfc_3339(_observed(chance, now))
    if chance.random() < 0.5:
        event["event_id"] = str(chance.randrange(400))
    if chance.random() < 0.3:
        event["seq"] = chance.randrange(3)
    return event


def _lines(chance: random.Random, now: int, sent: list[bytes]) -> Iterator[bytes]:
    for _ in range(chance.choice([1, 5, 40, 200])):
        if sent and chance.random() < 0.03:
            yield chance.choice(sent)
        elif chance.random() < 0.01:
            yield chance.randbytes(8).replace(b"\n", b"")
        else:
            yield json.dumps(_event(chance, now)).encode()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.timeout(300)
def test_views_equal_the_fold(seed: int) -> None:
    chance = random.Random(seed)
    system, sent = System(batch_size=chance.choice([50, 100_000]), fold_rows=chance.choice([100, 2000])), list[bytes]()
    while len(sent) < EVENTS:
        lines = list(_lines(chance, system.now, sent))
        sent += lines
        system.receive(lines, chance.choice([Source.DOOR, Source.DIRECT]))
        for step in chance.sample([system.reform, system.calculate, system.restart_reformer], 2):
            step()
        system.wait(chance.choice([1, 300, 2000, HOUR]))
        if chance.random() < 0.2:
            assert system.differences() == []
    system.settle()
    assert system.differences() == []
    assert system.balance() == (len(sent), len(sent))
    system.close()


def test_time_starts_at_noon() -> None:
    """Histories are drawn before it, so that none of them is set aside by accident."""
    assert rfc_3339(NOON) == "2026-01-31T12:00:00.000Z"
