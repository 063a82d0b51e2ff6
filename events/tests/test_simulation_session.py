"""Events at their time, into every kind of sink, and recorded data replayed."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest

from events.log.base import Topic
from events.log.memory import MemoryLog
from events.simulation import replay
from events.simulation.fleet import START_S, Burst
from events.simulation.pacing import Sender, merged
from events.simulation.session import Plan, cast, run
from events.simulation.sinks import FileSink, HttpSink, LogSink, SinkFailed

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


class Clock:
    """Time passes only while somebody rests."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def rest(self, seconds: float) -> None:
        self.now += seconds


class Memory:
    """A sink that notes what came, and when by the clock."""

    refused = 0

    def __init__(self, clock: Clock) -> None:
        self.clock, self.came = clock, list[tuple[float, bytes]]()

    def send(self, received: int, lines: list[bytes]) -> None:
        self.came += [(self.clock.now, line) for line in lines]

    def close(self) -> None:
        return None


def burst(*times: int, tag: str = "") -> Burst:
    return Burst(np.array(times, dtype=np.int64), pa.array([f"{tag}{time}" for time in times]))


def sent_by(plan: Plan, now_s: float = 2e9) -> list[tuple[float, bytes]]:
    clock = Clock(now_s)
    sink = Memory(clock)
    run(
        plan,
        Sender(sink, most=plan.most, stopped=lambda: False),
        cast(plan, now_s=now_s, stamped=True).bursts,
        clock=clock,
        rest=clock.rest,
    )
    return sink.came


def milliseconds(line: bytes, member: str) -> int:
    return int(np.datetime64(orjson.loads(line)[member].removesuffix("Z"), "ms").astype(np.int64))


def test_nothing_is_sent_before_its_time_nor_much_after_it() -> None:
    came = sent_by(Plan(devices=5, rate=10, duration_s=60, faults=False))
    delays = [now - milliseconds(line, "received_at") / 1000 for now, line in came]
    assert len(came) > 400
    assert min(delays) >= -0.001
    assert max(delays) < 0.3


def test_history_comes_at_once_and_the_present_goes_on_from_there() -> None:
    came = sent_by(Plan(devices=5, rate=5, history_s=3600, duration_s=10, faults=False))
    observed = [milliseconds(line, "observed_at") / 1000 - 2e9 for _, line in came]
    assert min(observed) < -3500
    assert max(observed) > 5
    assert sum(now == 2e9 for now, _ in came) > 0.8 * len(came)


def test_fast_begins_at_a_fixed_moment_whenever_it_runs() -> None:
    plan = Plan(devices=5, fast=True, count=500)
    first, later = ([line for _, line in sent_by(plan, now_s)] for now_s in (1.9e9, 2e9))
    assert first == later
    assert milliseconds(first[0], "received_at") / 1000 - START_S < 60


def test_a_count_is_kept_to_the_event() -> None:
    assert len(sent_by(Plan(devices=7, fast=True, count=1234))) == 1234


def test_two_streams_become_one_in_order() -> None:
    left, right = [burst(1, 5, 9, tag="l"), burst(20, tag="l")], [burst(2, 3, tag="r"), burst(9, 30, tag="r")]
    together = list(merged(left, right))
    times = list(chain.from_iterable(part.received.tolist() for part in together))
    texts = list(chain.from_iterable(part.lines.to_pylist() for part in together))
    assert times == [1, 2, 3, 5, 9, 9, 20, 30]
    assert texts == ["l1", "r2", "r3", "l5", "l9", "r9", "l20", "r30"]


def test_a_replay_keeps_every_order_and_compresses_time() -> None:
    recording = replay.load("campusiot", SAMPLES, seed=1)
    parts = list(replay.bursts(recording, start_s=2e9, speed=600))
    received = np.concatenate([part.received for part in parts])
    lines = list(chain.from_iterable(part.lines.slice(0, 500).to_pylist() for part in parts))
    observed = np.array([milliseconds(line.encode(), "observed_at") for line in lines])
    assert len(received) == len(recording.received)
    assert np.all(np.diff(received) >= 0)
    assert received[0] >= 2e12
    assert observed.max() <= received[-1]
    assert {orjson.loads(line)["device_id"] for line in lines} <= set(recording.devices)


def test_modelled_delivery_is_the_same_for_the_same_seed_and_never_early() -> None:
    device, observed = np.repeat(np.arange(3), 200), np.tile(np.arange(200.0) * 30, 3)
    first, again, other = (replay.delivery(device, observed, "cellular_gprs_good", seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.all(first >= observed)


def test_the_log_gets_records_that_carry_their_own_receive_times() -> None:
    log = MemoryLog(shards=2)
    sink = LogSink(log)
    sink.send(17, [b'{"device_id":"a"}', b'{"device_id":"b"}', b'{"device_id":"c'])
    records = [record for shard in (0, 1) for record in log.read(Topic.RAW, shard, 0)]
    assert sum(record.events for record in records) == 3
    assert {(record.timestamp, record.headers["source"]) for record in records} == {(17, "import")}


def test_a_file_has_a_line_for_every_event(tmp_path: Path) -> None:
    with closing(FileSink(tmp_path / "events.ndjson")) as sink:
        sink.send(0, [b"1", b"2"])
        sink.send(0, [b"3"])
    assert (tmp_path / "events.ndjson").read_bytes() == b"1\n2\n3\n"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SinkFailed, match="cannot be written"):
        FileSink(tmp_path / "none" / "events.ndjson")


class Door(HTTPServer):
    """Answers with the given statuses in turn and notes what was posted."""

    def __init__(self, answers: list[tuple[int, dict[str, Any]]]) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.answers, self.posted = answers, list[tuple[str, list[bytes]]]()
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: Door

    def do_POST(self) -> None:
        body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.posted.append((self.headers["Authorization"], body.split(b"\n")))
        status, answer = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("Retry-After", "3")
        self.end_headers()
        self.wfile.write(orjson.dumps(answer))

    def log_message(self, *args: Any) -> None:
        return None


@pytest.fixture
def door() -> Iterator[Door]:
    with Door([]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_posting_waits_while_the_door_is_busy_and_counts_what_it_refuses(door: Door) -> None:
    door.answers = [(503, {}), (429, {}), (202, {"refused": 1}), (422, {})]
    pauses: list[float] = []
    with closing(HttpSink(door.url, "secret", pause=pauses.append)) as sink:
        sink.send(0, [b"1", b"2"])
        sink.send(0, [b"3"])
    assert pauses == [3.0, 3.0]
    assert sink.refused == 2
    assert door.posted == [("Bearer secret", [b"1", b"2"])] * 3 + [("Bearer secret", [b"3"])]


def test_posting_ends_with_a_sentence_when_the_door_will_never_take_it(door: Door) -> None:
    door.answers = [(401, {"detail": "No such token."})]
    with (
        closing(HttpSink(door.url, "wrong")) as sink,
        pytest.raises(SinkFailed, match=r"answered 401: No such token\."),
    ):
        sink.send(0, [b"1"])
