"""The demo fleet: the same events for the same seed, and as much trouble as was asked for."""

from collections import Counter
from itertools import islice
from typing import Any

import numpy as np
import orjson
import pytest

from events.decoding import decode
from events.event_types import BUILT_IN
from events.simulation.chance import normal, uniform
from events.simulation.fleet import START_S, generate, interval_for
from events.simulation.roster import CUSTOM_TYPES, Roster
from events.simulation.traffic import Traffic, messages

Sent = list[tuple[int, dict[str, Any]]]


def sent(devices: int, events: int, late: float = 0.1, seed: int = 1, **said: Any) -> Sent:
    return [(at, orjson.loads(line)) for at, line in generate(devices, events, late, seed, **said)]


def overtaken_share(events: Sent) -> float:
    """The share of events that arrive behind a newer one of their device, by the device's counter."""
    heads: dict[str, int] = {}
    late = 0
    for _, event in events:
        late += event["seq"] < heads.get(event["device_id"], -1)
        heads[event["device_id"]] = max(heads.get(event["device_id"], -1), event["seq"])
    return late / len(events)


def test_a_seed_gives_the_same_events_every_time_and_another_one_others() -> None:
    first, again, other = (list(generate(20, 3000, 0.1, seed, faults=True)) for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_events_come_in_order_of_arrival_and_are_stamped_with_it() -> None:
    events = list(generate(50, 5000, 0.1, 1))
    times = [received for received, _ in events]
    stamps = [orjson.loads(line)["received_at"] for _, line in events]
    assert len(events) == 5000
    assert times == sorted(times)
    assert stamps == [f"{np.datetime64(time, 'ms')}Z" for time in times]


@pytest.mark.parametrize("late", [0.0, 0.1, 0.3])
def test_the_share_of_late_events_is_the_one_asked_for(late: float) -> None:
    share = overtaken_share(sent(100, 200_000, late, duplicates=0.0))
    assert share == pytest.approx(late, abs=0.02 if late else 0.0)


def test_a_share_of_messages_comes_twice_with_the_same_content() -> None:
    copies = Counter(orjson.dumps({**event, "received_at": 0}) for _, event in sent(50, 50_000, duplicates=0.05))
    assert sum(count - 1 for count in copies.values()) / 50_000 == pytest.approx(0.05, abs=0.01)


def test_every_event_of_a_fleet_without_faults_is_one_we_accept() -> None:
    types = BUILT_IN.with_custom(CUSTOM_TYPES)
    lines = [line for _, line in generate(40, 4000, 0.1, 2)]
    clock = np.zeros(len(lines), dtype=np.int64)
    decoded = decode(lines, received_at=clock, arrival=np.arange(len(lines)), types=types, own_times=True)
    assert decoded.refused == []
    assert {str(slug) for slug in decoded.batch.column("event_type").to_pylist()} == {known.slug for known in types}


def test_a_fleet_without_custom_types_sends_built_in_ones_only() -> None:
    kinds = {event["event_type"] for _, event in sent(40, 4000, custom=False)}
    assert kinds == {known.slug for known in BUILT_IN}


def test_a_fleet_with_faults_has_wrong_clocks_garbage_and_cut_off_lines() -> None:
    lines = [line for _, line in generate(200, 100_000, 0.1, 3, faults=True)]
    events = [orjson.loads(line) for line in lines if line.endswith(b"}}")]
    assert 0 < len(lines) - len(events) < 50
    assert any(event["observed_at"].startswith("1970") for event in events)
    assert any(event["observed_at"] > event["received_at"] for event in events)
    assert {655.35, -3276.8} <= {event["payload"].get("value") for event in events}


def test_every_device_measures_on_and_on_while_it_is_out_of_reach() -> None:
    traffic = Traffic(Roster(10, 1, faults=False), 10.0, START_S, late=0.3, duplicates=0.0)
    numbers: dict[int, list[int]] = {}
    for batch in messages(traffic, 500):
        for device, number in zip(batch.device.tolist(), batch.number.tolist(), strict=True):
            numbers.setdefault(device, []).append(number)
    assert all(sorted(found) == list(range(500)) for found in numbers.values())
    assert len(numbers) == 10


def test_a_fleet_speaks_as_often_as_is_asked() -> None:
    rate = 40.0
    traffic = Traffic(Roster(20, 1), interval_for(20, rate), START_S)
    per_message = 3
    spoken = sum(len(batch) for batch in islice(messages(traffic), 1)) * per_message
    assert spoken / (traffic.rounds_at_once * traffic.interval_s) == pytest.approx(rate, rel=0.1)


def test_more_lateness_than_a_fleet_can_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"between 0 and 0\.7, not 0\.9"):
        Traffic(Roster(1, 1), 1.0, 0.0, late=0.9)


def test_chance_is_even_and_without_memory() -> None:
    shares = uniform(7, np.arange(100_000), 3)
    assert shares.mean() == pytest.approx(0.5, abs=0.005)
    assert uniform(7, 41, 3)[0] == shares[41]
    assert normal(7, np.arange(100_000)).std() == pytest.approx(1.0, abs=0.01)
