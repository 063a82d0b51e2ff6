import csv
import io
from typing import Any

import orjson
import pytest
from django.test import Client

from views_engine.api.times import iso
from views_engine.tests.pages import all_pages, content
from views_engine.tests.pipeline import START_MS, Pipeline, position, reading, sent

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
TEMPERATURE, LOCATION, BATTERY = (f"/api/v1/metrics/{name}" for name in ("temperature", "location", "battery"))
DEVICES = [f"meter-{number}" for number in range(4)]


def test_a_window_is_shown_as_the_contract_says(viewer: Client, pipeline: Pipeline) -> None:
    for number, value in enumerate((20.1, 20.3, -5.000001)):
        pipeline.send(reading("meter-1", "temperature", START_MS + number * 1000, value))
    pipeline.settle()
    body = viewer.get(TEMPERATURE, {"resolution": "1m"}).json()
    version = body.pop("version")
    assert list(version) == [str(shard) for shard in range(pipeline.log.shards)]
    assert body == {
        "event_type": "temperature",
        "unit": "celsius",
        "resolution": "1m",
        "results": [
            {
                "device_id": "meter-1",
                "start": iso(START_MS),
                "count": 3,
                "min": -5.000001,
                "max": 20.3,
                "mean": 35_399_999 / 3_000_000,
                "sum": 35.399999,
                "first": 20.1,
                "last": -5.000001,
            }
        ],
        "next": None,
    }


@pytest.mark.parametrize(("resolution", "count"), [("1m", 30), ("1h", 1), ("1d", 1), ("raw", 60)])
def test_each_resolution(viewer: Client, pipeline: Pipeline, resolution: str, count: int) -> None:
    pipeline.send(*sent(["meter-1"], every_ms=MINUTE // 2, count=60, start=START_MS - START_MS % HOUR - HOUR))
    pipeline.settle()
    assert len(viewer.get(TEMPERATURE, {"resolution": resolution}).json()["results"]) == count


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "1h"),
        ({"from": iso(START_MS)}, "1m"),
        ({"from": iso(START_MS - 1000 * HOUR), "to": iso(START_MS)}, "1h"),
        ({"from": iso(START_MS - 1000 * DAY), "to": iso(START_MS)}, "1d"),
        ({"device_id": "nobody"}, "1m"),
    ],
)
def test_the_default_resolution_fits_the_time_asked(
    viewer: Client, pipeline: Pipeline, query: dict[str, Any], expected: str
) -> None:
    start = START_MS - 100 * HOUR
    pipeline.send(reading("meter-1", "temperature", start, 20), reading("meter-1", "temperature", START_MS, 20))
    pipeline.settle()
    assert viewer.get(TEMPERATURE, query).json()["resolution"] == expected


def test_the_next_page_keeps_the_resolution(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(["meter-1"], every_ms=MINUTE, count=5))
    pipeline.settle()
    first = viewer.get(TEMPERATURE, {"limit": 3}).json()
    pipeline.send(reading("meter-1", "temperature", START_MS - 100 * HOUR, 1))
    pipeline.settle()
    second = viewer.get(first["next"]).json()
    assert (first["resolution"], second["resolution"]) == ("1m", "1m")
    assert len(second["results"]) == 2


def test_from_and_to_speak_of_the_start_of_windows(viewer: Client, pipeline: Pipeline) -> None:
    first = START_MS - START_MS % MINUTE
    pipeline.send(*sent(["meter-1"], every_ms=MINUTE, count=5, start=first))
    pipeline.settle()
    query = {"resolution": "1m", "from": iso(first + 1), "to": iso(first + 3 * MINUTE)}
    starts = [window["start"] for window in viewer.get(TEMPERATURE, query).json()["results"]]
    assert starts == [iso(first + MINUTE), iso(first + 2 * MINUTE)]


def test_raw_readings(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=2))
    pipeline.settle()
    results = viewer.get(TEMPERATURE, {"resolution": "raw", "device_id": "meter-2"}).json()["results"]
    assert results == [
        {"device_id": "meter-2", "observed_at": iso(START_MS), "value": 20.0},
        {"device_id": "meter-2", "observed_at": iso(START_MS + 1000), "value": 20.125},
    ]


def test_a_track_window_is_shown_as_the_contract_says(viewer: Client, pipeline: Pipeline) -> None:
    at = START_MS - START_MS % MINUTE
    pipeline.send(position("van-1", at, 0, 0), position("van-1", at + 1000, 0, 1))
    pipeline.settle()
    body = viewer.get(LOCATION, {"resolution": "1m"}).json()
    assert body["results"] == [
        {
            "device_id": "van-1",
            "start": iso(at),
            "count": 2,
            "distance_m": 111195.08,
            "first": {"latitude": 0.0, "longitude": 0.0, "observed_at": iso(at)},
            "last": {"latitude": 0.0, "longitude": 1.0, "observed_at": iso(at + 1000)},
        }
    ]


def test_raw_positions_carry_what_was_sent_with_them(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(position("van-1", START_MS, 1.5, 2.5, altitude=12, speed=3.5))
    pipeline.settle()
    (found,) = viewer.get(LOCATION, {"resolution": "raw"}).json()["results"]
    assert found == {
        "device_id": "van-1",
        "observed_at": iso(START_MS),
        "latitude": 1.5,
        "longitude": 2.5,
        "altitude": 12.0,
        "speed": 3.5,
        "accuracy": None,
    }


def test_batteries_have_trends(viewer: Client, pipeline: Pipeline) -> None:
    for day, percent in enumerate((90, 88, 86)):
        pipeline.send(reading("meter-1", "battery", START_MS + (day - 2) * DAY, percent))
    pipeline.send(reading("meter-2", "battery", START_MS, 50))
    pipeline.settle()
    trends = viewer.get(BATTERY).json()["trends"]
    assert trends == [
        {"device_id": "meter-1", "percent_per_day": -2.0, "days_left": 43.0},
        {"device_id": "meter-2", "percent_per_day": None, "days_left": None},
    ]
    assert viewer.get(BATTERY, {"device_id": "meter-2"}).json()["trends"] == trends[1:]


def test_a_type_nobody_knows_has_no_page(viewer: Client, pipeline: Pipeline) -> None:
    answer = viewer.get("/api/v1/metrics/pressure")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("resolution", ["raw", "1m"])
@pytest.mark.parametrize("path", [TEMPERATURE, LOCATION])
def test_every_format_holds_all_that_the_pages_hold(
    viewer: Client, pipeline: Pipeline, path: str, resolution: str
) -> None:
    start = START_MS - HOUR
    pipeline.send(*sent(DEVICES, every_ms=MINUTE, count=20, start=start))
    pipeline.send(*(position(device, start + at * MINUTE, at, at) for device in DEVICES for at in range(20)))
    pipeline.settle()
    pages = list(all_pages(viewer, path, limit=13, resolution=resolution))
    lines = [orjson.loads(line) for line in content(viewer, path, format="ndjson", resolution=resolution).splitlines()]
    text = content(viewer, path, format="csv", resolution=resolution).decode()
    assert len(pages) == 80
    assert lines == pages
    assert [as_text(row) for row in csv.DictReader(io.StringIO(text))] == [as_text(flat(row)) for row in pages]


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """Members of nested objects as `first.latitude`."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        found |= {f"{name}.{inner}": one for inner, one in value.items()} if isinstance(value, dict) else {name: value}
    return found


def as_text(row: dict[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else _number(value) for name, value in row.items()}


def _number(value: Any) -> str:
    try:
        return str(float(value))
    except ValueError:
        return str(value)
