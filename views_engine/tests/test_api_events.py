import csv
import io
from typing import Any

import orjson
import pyarrow.parquet
import pytest
from django.test import Client

from views_engine.api.times import iso
from views_engine.tests.pages import all_pages, content
from views_engine.tests.pipeline import START_MS, Pipeline, position, reading, sent

EVENTS = "/api/v1/events"
DEVICES = [f"meter-{number}" for number in range(5)]


def test_an_event_is_shown_as_the_contract_says(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(reading("meter-1", "temperature", START_MS - 5, 68, event_id="a", seq=7))
    pipeline.settle()
    (event,) = viewer.get(EVENTS).json()["results"]
    assert event == {
        "device_id": "meter-1",
        "event_type": "temperature",
        "event_id": "a",
        "seq": 7,
        "observed_at": "2026-02-02T02:39:59.995Z",
        "received_at": "2026-02-02T02:40:00.000Z",
        "value": 68.0,
        "unit": "celsius",
        "payload": {"value": 68},
        "place": "next",
    }


def test_a_position_has_no_value_and_an_event_without_seq_says_so(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(position("van-1", START_MS, 50.5, -3.25, note='"é\n'))
    pipeline.settle()
    (event,) = viewer.get(EVENTS).json()["results"]
    assert (event["value"], event["seq"]) == (None, None)
    assert event["payload"] == {"latitude": 50.5, "longitude": -3.25, "note": '"é\n'}


def test_events_come_by_time_then_device_in_either_order(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=4))
    pipeline.settle()
    forwards = viewer.get(EVENTS).json()["results"]
    backwards = viewer.get(EVENTS, {"order": "desc"}).json()["results"]
    keys = [(event["observed_at"], event["device_id"]) for event in forwards]
    assert keys == sorted(keys)
    assert backwards == forwards[::-1]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"device_id": "meter-1"}, 4),
        ({"device_id": ["meter-1", "meter-2"]}, 8),
        ({"device_id": "nobody"}, 0),
        ({"event_type": "temperature"}, 20),
        ({"event_type": "humidity"}, 0),
        ({"from": iso(START_MS + 1000)}, 15),
        ({"to": iso(START_MS + 1000)}, 5),
        ({"from": iso(START_MS + 1000), "to": iso(START_MS + 1000)}, 0),
        ({"from": iso(START_MS + 1000), "to": iso(START_MS + 2001)}, 10),
    ],
)
def test_filters(viewer: Client, pipeline: Pipeline, query: dict[str, Any], count: int) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=4))
    pipeline.settle()
    assert len(viewer.get(EVENTS, query).json()["results"]) == count


def test_pages_cover_every_event_once_while_data_changes(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=10))
    pipeline.settle()
    before = {(event["device_id"], event["observed_at"]) for event in all_pages(viewer, EVENTS, limit=7)}
    late = [reading(device, "temperature", START_MS + 1500, 99) for device in DEVICES]

    def meanwhile() -> None:
        if late:
            pipeline.send(late.pop())
            pipeline.settle()

    seen = [
        (event["device_id"], event["observed_at"]) for event in all_pages(viewer, EVENTS, limit=7, meanwhile=meanwhile)
    ]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_the_last_page_says_so(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=2))
    pipeline.settle()
    assert viewer.get(EVENTS, {"limit": 10}).json()["next"] is None
    assert viewer.get(EVENTS, {"limit": 9}).json()["next"].startswith("http://testserver/api/v1/events?")


def test_a_late_event_is_marked(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(["meter-1"], every_ms=1000, count=3))
    pipeline.settle()
    pipeline.send(reading("meter-1", "temperature", START_MS + 500, 21))
    pipeline.settle()
    places = [event["place"] for event in viewer.get(EVENTS).json()["results"]]
    assert places == ["next", "late", "next", "next"]


def test_every_format_holds_all_that_the_pages_hold(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=30), position("van-1", START_MS, 1, 2, note='a,"b"\n;'))
    pipeline.settle()
    pages = list(all_pages(viewer, EVENTS, limit=50))
    lines = [orjson.loads(line) for line in content(viewer, EVENTS, format="ndjson").splitlines()]
    table = pyarrow.parquet.read_table(io.BytesIO(content(viewer, EVENTS, format="parquet")))
    rows = list(csv.DictReader(io.StringIO(content(viewer, EVENTS, format="csv").decode())))
    assert lines == pages
    assert [{**row, **parsed(row)} for row in table.to_pylist()] == [{**event, **times(event)} for event in pages]
    assert [orjson.loads(row["payload"]) for row in rows] == [event["payload"] for event in pages]
    assert [row["value"] and float(row["value"]) for row in rows] == [
        "" if event["value"] is None else event["value"] for event in pages
    ]


def parsed(row: dict[str, Any]) -> dict[str, Any]:
    return {"payload": orjson.loads(row["payload"]), **{name: iso_of(row[name]) for name in TIMES}}


TIMES = ("observed_at", "received_at")


def times(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in TIMES}


def iso_of(at: Any) -> str:
    return iso(round(at.timestamp() * 1000))


def test_streams_name_their_file_and_their_version(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=2))
    pipeline.settle()
    answer = viewer.get(EVENTS, headers={"Accept": "text/csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="events.csv"'
    assert orjson.loads(answer["X-View-Version"]) == viewer.get(EVENTS).json()["version"]


def test_a_stream_without_rows_has_its_columns(viewer: Client, pipeline: Pipeline) -> None:
    assert content(viewer, EVENTS, format="csv").startswith(b'"device_id","event_type"')
    assert content(viewer, EVENTS, format="ndjson") == b""
    table = pyarrow.parquet.read_table(io.BytesIO(content(viewer, EVENTS, format="parquet")))
    assert table.column_names[:2] == ["device_id", "event_type"]
