"""Reading through real doors of real calculators."""

import socket
import threading

import pytest

from views_engine.reading import Position, Unavailable, get_reader
from views_engine.reading.door import BadQuery, Door, DoorSilent
from views_engine.reading.merging import Order
from views_engine.reading.reader import Reader
from views_engine.reading.seats import Seats
from views_engine.tests.pipeline import Pipeline, sent

BY_TIME = Order(("observed_at", "device_id"))
DEVICES = [f"meter-{number}" for number in range(6)]


def test_all_shards_are_asked_and_each_names_its_version(pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=3))
    pipeline.settle()
    answers = get_reader().query("events", {})
    assert sum(len(answer.rows) for answer in answers) == 18
    standings = [calculator.store.standing for calculator in pipeline.calculators]
    heads = [Position(standing.epoch, standing.position) for standing in standings]
    assert [answer.version for answer in answers] == heads


def test_only_the_shard_of_a_device_is_asked(pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=3))
    pipeline.settle()
    (answer,) = get_reader().query("events", {"device_ids": ["meter-3"]})
    assert len(answer.rows) == 3


def test_a_stream_holds_every_row_in_order(pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=50))
    pipeline.settle()
    stream = get_reader().stream("events", {}, BY_TIME)
    rows = [row for batch in stream.batches for row in batch.to_pylist()]
    keys = [(row["observed_at"], row["device_id"]) for row in rows]
    assert len(keys) == 300
    assert keys == sorted(keys)
    assert set(stream.version) == {row["shard"] for row in rows}


def test_a_wrong_query_is_told_at_once(pipeline: Pipeline) -> None:
    with pytest.raises(BadQuery, match="resolution"):
        get_reader().query("windows", {"event_type": "temperature", "resolution": "2m"})


@pytest.mark.parametrize("shards", [1], indirect=True)
def test_a_read_waits_out_a_change_of_role(pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=3))
    pipeline.settle()
    get_reader().query("devices", {})
    pipeline.servers[0].stop()
    replaced = threading.Event()
    addresses = [pipeline.servers[0].address]

    def live(shard: int) -> "Address":
        replaced.set()
        return Address(addresses[-1])

    def take_over() -> None:
        replaced.wait()
        server = pipeline.open_door(0)
        pipeline.servers.append(server)
        addresses.append(server.address)

    successor = threading.Thread(target=take_over)
    successor.start()
    reader = Reader(door=Door(pipeline.secret), seats=Seats(live), shards=1, patience_s=20)
    (answer,) = reader.query("devices", {})
    successor.join()
    assert len(answer.rows) == len(DEVICES)


def test_nobody_live_for_too_long_is_unavailable() -> None:
    reader = Reader(door=Door("secret"), seats=Seats(lambda shard: None), shards=1, patience_s=0)
    with pytest.raises(Unavailable, match="no calculator is live"):
        reader.query("devices", {})


def test_somebody_else_at_the_address_is_unavailable(pipeline: Pipeline) -> None:
    address = Address(pipeline.servers[0].address)
    reader = Reader(door=Door("wrong"), seats=Seats(lambda shard: address), shards=1, patience_s=0)
    with pytest.raises(Unavailable, match="our own processes"):
        reader.stream("events", {}, BY_TIME)


def test_an_older_answer_than_was_seen_is_never_given(pipeline: Pipeline) -> None:
    pipeline.send(*sent(["meter-1"], every_ms=1000, count=1))
    pipeline.settle()
    (answer,) = get_reader().query("devices", {"device_ids": ["meter-1"]})
    seen = {answer.shard: Position(answer.version.epoch, answer.version.position + 1)}
    reader = Reader(door=Door(pipeline.secret), seats=get_reader()._seats, shards=pipeline.log.shards, patience_s=0)
    with pytest.raises(Unavailable, match="not reached that version"):
        reader.query("devices", {"device_ids": ["meter-1"]}, at_least=seen)


def test_an_address_is_remembered_for_a_moment_and_forgotten_when_it_fails() -> None:
    asked: list[int] = []
    now = [0.0]

    def live(shard: int) -> "Address":
        asked.append(shard)
        return Address("here:1")

    seats = Seats(live, keep_s=1, clock=lambda: now[0])
    assert [seats.address(0), seats.address(0)] == ["here:1"] * 2
    assert len(asked) == 1
    now[0] = 1.0
    seats.address(0)
    seats.forget(0)
    seats.address(0)
    assert len(asked) == 3


class Address:
    def __init__(self, address: str) -> None:
        self.address = address


def test_who_is_silent_is_asked_for_once_more_and_nobody_waits_when_it_was_replaced(pipeline: Pipeline) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stopped:
        silent = Address(f"http://127.0.0.1:{stopped.getsockname()[1]}")
        seats = [silent, *(Address(server.address) for server in pipeline.servers)]
        reader = Reader(
            door=Door(pipeline.secret, quick_s=0.05), seats=Seats(lambda _: seats.pop(0)), shards=1, patience_s=1
        )
        (answer,) = reader.query("devices", {}, shards=[0])
    assert answer.rows == []


def test_who_is_at_work_for_long_has_the_time_it_needs(pipeline: Pipeline) -> None:
    door, address = Door(pipeline.secret, quick_s=1e-6), pipeline.servers[0].address
    with pytest.raises(DoorSilent):
        door.together(address, [("devices", {})])
    (reply,) = door.together(address, [("devices", {})])
    assert reply.rows == []
