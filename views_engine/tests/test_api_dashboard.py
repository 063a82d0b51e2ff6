from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from django.test import Client

from devices.models import Device, DeviceType, Group, Tag
from views_engine.api.times import iso
from views_engine.tests.pages import all_pages, content, errors
from views_engine.tests.pipeline import START_MS, Pipeline, position, reading, sent

STATES, METRICS = "/api/v1/dashboard/devices", "/api/v1/dashboard/metrics"
DEVICES = [f"meter-{number}" for number in range(6)]
HOUR = 3_600_000


def register(*device_ids: str, **fields: Any) -> None:
    for device_id in device_ids:
        Device.objects.create(device_id=device_id, **fields)


def ids(client: Client, **query: Any) -> list[str]:
    return [row["device_id"] for row in client.get(STATES, query).json()["results"]]


def test_the_state_of_a_device(viewer: Client, pipeline: Pipeline) -> None:
    register("van-1", name="The old van")
    pipeline.send(reading("van-1", "temperature", START_MS - 10, 4.5), position("van-1", START_MS - 20, 1.5, 2.5))
    pipeline.settle()
    (state,) = viewer.get(STATES).json()["results"]
    assert state == {
        "device_id": "van-1",
        "name": "The old van",
        "online": True,
        "last_observed_at": iso(START_MS - 10),
        "last_received_at": iso(START_MS),
        "latest": {
            "temperature": {"value": 4.5, "unit": "celsius", "observed_at": iso(START_MS - 10)},
            "location": {"latitude": 1.5, "longitude": 2.5, "observed_at": iso(START_MS - 20)},
        },
        "open_alerts": 0,
    }


def test_a_device_that_never_spoke_is_there(viewer: Client, pipeline: Pipeline) -> None:
    register("shy")
    (state,) = viewer.get(STATES).json()["results"]
    assert (state["online"], state["last_observed_at"], state["latest"]) == (False, None, {})


@pytest.mark.parametrize("shards", [1], indirect=True)
def test_online_by_the_clock_of_the_log_and_each_its_own_patience(viewer: Client, pipeline: Pipeline) -> None:
    register("plain")
    register("patient", offline_after_s=7200)
    register("slow-kind", device_type=DeviceType.objects.create(slug="slow", name="Slow", offline_after_s=7200))
    register("late")
    pipeline.send(*sent(["plain", "patient", "slow-kind"], every_ms=1, count=1))
    pipeline.settle()
    pipeline.now += HOUR
    pipeline.send(reading("late", "temperature", START_MS, 1))
    pipeline.settle()
    assert ids(viewer, online="true") == ["late", "patient", "slow-kind"]
    assert ids(viewer, online="false") == ["plain"]
    assert viewer.get(METRICS).json()["devices"] == {"total": 4, "online": 3}


def test_filters(viewer: Client, pipeline: Pipeline) -> None:
    register(*DEVICES)
    group, tag = Group.objects.create(name="roof"), Tag.objects.create(name="new")
    for device in Device.objects.filter(device_id__in=DEVICES[:2]):
        device.groups.add(group)
    for device in Device.objects.filter(device_id__in=DEVICES[1:3]):
        device.tags.add(tag)
    assert ids(viewer, group="roof") == DEVICES[:2]
    assert ids(viewer, tag="new") == DEVICES[1:3]
    assert ids(viewer, group="roof", tag="new") == DEVICES[1:2]
    assert ids(viewer, search="METER-5") == DEVICES[5:]
    assert ids(viewer, device_id=["meter-4", "nobody"]) == ["meter-4"]
    assert ids(viewer, group="cellar") == []


@pytest.mark.parametrize("query", [{}, {"online": "true"}])
def test_pages_cover_every_device_once(viewer: Client, pipeline: Pipeline, query: dict[str, Any]) -> None:
    register(*DEVICES)
    pipeline.send(*sent(DEVICES, every_ms=1000, count=2))
    pipeline.settle()
    assert [row["device_id"] for row in all_pages(viewer, STATES, limit=2, **query)] == DEVICES


def test_streams_hold_all_devices(viewer: Client, pipeline: Pipeline) -> None:
    register(*DEVICES)
    pipeline.send(*sent(DEVICES, every_ms=1000, count=2))
    pipeline.settle()
    lines = [orjson.loads(line) for line in content(viewer, STATES, format="ndjson").splitlines()]
    assert lines == viewer.get(STATES).json()["results"]
    assert content(viewer, STATES, format="csv").count(b"\n") == 7


def test_a_cursor_belongs_to_its_filters(viewer: Client, pipeline: Pipeline) -> None:
    register(*DEVICES)
    cursor = parse_qs(urlsplit(viewer.get(STATES, {"limit": 2}).json()["next"]).query)["cursor"][0]
    assert viewer.get(STATES, {"cursor": cursor}).status_code == 200
    assert errors(viewer, STATES, cursor=cursor, search="meter") == [("/cursor", "bad_cursor")]


def test_the_key_figures(viewer: Client, pipeline: Pipeline) -> None:
    register(*DEVICES)
    pipeline.send(*sent(DEVICES, every_ms=1000, count=10))
    pipeline.settle()
    pipeline.send(*(reading(device, "temperature", START_MS - 1, 3) for device in DEVICES))
    pipeline.settle()
    body = viewer.get(METRICS).json()
    assert body["devices"] == {"total": 6, "online": 6}
    assert body["events_per_second"] == 66 / 60
    assert body["late_share"] == 6 / 66
    assert body["open_alerts"] == 0
    assert [shard["live"] for shard in body["shards"]] == [f"calculator-{n}" for n in range(pipeline.log.shards)]
    assert {(shard["next"], *shard["support"]) for shard in body["shards"]} == {(None,)}
    assert body["version"] == {
        str(shard["shard"]): {"epoch": shard["epoch"], "position": shard["position"]} for shard in body["shards"]
    }
    ledger = viewer.get("/api/v1/ledger").json()
    assert body["ledger"] == {name: count for name, count in ledger.items() if name != "version"}


def test_figures_without_any_event(viewer: Client, pipeline: Pipeline) -> None:
    body = viewer.get(METRICS).json()
    assert (body["events_per_second"], body["late_share"], body["devices"]["total"]) == (0.0, 0.0, 0)


def test_alerts_name_the_version_of_every_shard(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=2))
    pipeline.settle()
    answer = viewer.get("/api/v1/dashboard/alerts").json()
    assert answer == {"results": [], "next": None, "version": viewer.get("/api/v1/ledger").json()["version"]}
