"""The charts' own data, read through the real reader from a private door over real HTTP."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pyarrow as pa
import pytest
from django.contrib.auth.models import User
from django.test import Client

from views_engine.dashboard import points
from views_engine.dashboard.tests.door import Seat
from views_engine.reading.door import Door
from views_engine.reading.reader import Reader
from views_engine.reading.seats import Seats

pytestmark = pytest.mark.django_db

VERSION = {"epoch": 2, "position": 5}
ACTIVITY: list[dict[str, Any]] = [
    {"start": 2000, "received": 3, "applied": 2, "late": 1, "duplicate": 0},
    {"start": 1000, "received": 1, "applied": 1, "late": 0, "duplicate": 0},
]
READINGS: list[dict[str, Any]] = [
    {"observed_at": 10, "value": 1_500_000, "place": "late"},
    {"observed_at": 20, "value": 2_000_000, "place": "next"},
    {"observed_at": 30, "value": None, "place": "late"},
]


class Answers(BaseHTTPRequestHandler):
    """`activity` as JSON, `readings` as an Arrow stream; what was asked is kept."""

    asked: dict[str, Any]

    def do_POST(self) -> None:
        asked = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
        for query in asked.get("queries") or [{"name": self.path.rpartition("/")[2], "params": asked}]:
            self.asked[query["name"]] = query["params"]
        body = arrow(READINGS) if "readings" in self.path else json(ACTIVITY)
        self.send_response(200)
        self.send_header("X-View-Version", orjson.dumps(VERSION).decode())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: Any) -> None:
        """Says nothing."""


def json(rows: list[dict[str, Any]]) -> bytes:
    return orjson.dumps({"version": VERSION, "clock": 2500, "answers": [rows]})


def arrow(rows: list[dict[str, Any]]) -> bytes:
    key = {"device_id": "a", "seq": -1, "event_id": "x", "timeless": False}
    table = pa.Table.from_pylist([{**key, **row} for row in rows])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What the calculator was asked, by question."""
    Answers.asked = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seat = Seat(f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(points, "get_reader", reader_of(lambda shard: seat))
    yield Answers.asked
    server.shutdown()
    server.server_close()


def reader_of(live: Callable[[int], Seat | None]) -> Callable[[], Reader]:
    reader = Reader(door=Door("between-us"), seats=Seats(live), shards=1, patience_s=0.0)
    return lambda: reader


@pytest.fixture
def person() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ada"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_activity_comes_in_columns_by_time(door: dict[str, Any], person: Client) -> None:
    answer = person.get("/dashboard/activity?from=0&to=3000&bucket_ms=1000")
    assert answer.json() == {
        "bucket_ms": 1000,
        "clock": 2500,
        "start": [1000, 2000],
        "received": [1, 3],
        "applied": [1, 2],
        "late": [0, 1],
        "duplicate": [0, 0],
    }
    assert door["activity"] == {"from": 0, "to": 3000, "bucket_ms": 1000}


def test_late_points_are_the_late_readings_that_have_a_number(door: dict[str, Any], person: Client) -> None:
    answer = person.get("/dashboard/devices/a:1/late?event_type=humidity&from=0&to=100")
    assert answer.json() == {"count": 1, "observed_at": [10], "value": [1.5]}
    assert door["readings"].items() >= {"event_type": "humidity", "device_ids": ["a:1"], "from": 0, "to": 100}.items()


@pytest.mark.parametrize(
    "address",
    [
        "/dashboard/activity",
        "/dashboard/activity?from=0&to=3000&bucket_ms=soon",
        "/dashboard/activity?from=0&to=3000&bucket_ms=0",
        "/dashboard/activity?from=3000&to=3000&bucket_ms=1000",
        "/dashboard/activity?from=0&to=2000000000000&bucket_ms=1000",
        "/dashboard/devices/a/late?from=0&to=1",
        "/dashboard/devices/a/late?event_type=humidity&from=x&to=1",
    ],
)
def test_nonsense_is_refused_with_a_sentence(person: Client, address: str) -> None:
    answer = person.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["detail"]


def test_nobody_live_is_a_503_that_says_when_to_ask_again(person: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "get_reader", reader_of(lambda shard: None))
    answer = person.get("/dashboard/activity?from=0&to=3000&bucket_ms=1000")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_strangers_hear_nothing() -> None:
    assert Client().get("/dashboard/activity?from=0&to=3000&bucket_ms=1000").status_code == 403
