from django.test import Client

from events.log.base import shard_of
from views_engine.api.times import iso
from views_engine.tests.pages import all_pages, errors
from views_engine.tests.pipeline import START_MS, Pipeline, reading, sent

LEDGER, CORRECTIONS, EPOCHS = "/api/v1/ledger", "/api/v1/corrections", "/api/v1/epochs"
DEVICES = [f"meter-{number}" for number in range(4)]
HOUR = 3_600_000


def balanced(ledger: dict[str, int]) -> bool:
    return ledger["received"] == sum(count for name, count in ledger.items() if name not in ("received", "version"))


def test_every_event_has_one_fate(viewer: Client, pipeline: Pipeline) -> None:
    event = reading("meter-1", "temperature", START_MS, 20, event_id="a")
    other = reading("meter-1", "temperature", START_MS, 21, event_id="a")
    future = reading("meter-1", "temperature", START_MS + HOUR, 20)
    ancient = reading("meter-1", "temperature", 0, 20)
    pipeline.send(event, event, other, future, ancient, {**event, "payload": {}})
    pipeline.settle()
    pipeline.send(reading("meter-1", "temperature", START_MS - 5, 20))
    pipeline.settle()
    ledger = viewer.get(LEDGER).json()
    assert list(ledger["version"]) == [str(shard) for shard in range(pipeline.log.shards)]
    del ledger["version"]
    assert ledger == {
        "received": 7,
        "applied": 1,
        "applied_late": 1,
        "duplicate": 1,
        "conflict": 1,
        "future": 1,
        "too_old": 1,
        "invalid": 1,
        "unknown_device": 0,
        "pending": 0,
    }


def test_what_nobody_has_calculated_yet_is_pending(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=3))
    ledger = viewer.get(LEDGER).json()
    assert (ledger["received"], ledger["pending"]) == (12, 12)
    pipeline.settle()
    ledger = viewer.get(LEDGER).json()
    assert (ledger["applied"], ledger["pending"]) == (12, 0)
    assert balanced(ledger)


def late_for_everybody(pipeline: Pipeline) -> None:
    for device in DEVICES:
        pipeline.send(*sent([device], every_ms=1000, count=3))
        pipeline.settle()
        pipeline.send(reading(device, "temperature", START_MS + 500, 99, event_id="late"))
        pipeline.settle()


def test_a_correction_says_what_changed_and_why(viewer: Client, pipeline: Pipeline) -> None:
    late_for_everybody(pipeline)
    rows = viewer.get(f"{CORRECTIONS}?device_id=meter-1&limit=1000").json()["results"]
    (maximum,) = [row for row in rows if (row["view"], row["field"]) == ("rollup_1h", "max")]
    epoch, at = maximum.pop("epoch"), maximum.pop("at")
    assert epoch >= 1
    assert maximum.pop("shard") == shard_of("meter-1", pipeline.log.shards)
    assert at.startswith("2026-02-02T02:40:")
    assert maximum == {
        "device_id": "meter-1",
        "view": "rollup_1h",
        "key": "temperature/2026-02-02T02:00:00.000Z",
        "field": "max",
        "from": 20.25,
        "to": 99.0,
        "cause": {
            "device_id": "meter-1",
            "event_type": "temperature",
            "observed_at": iso(START_MS + 500),
            "event_id": "late",
        },
    }


def test_pages_cover_every_correction_once(viewer: Client, pipeline: Pipeline) -> None:
    late_for_everybody(pipeline)
    whole = viewer.get(CORRECTIONS, {"limit": 1000}).json()["results"]
    keys = [(row["device_id"], row["view"], row["key"], row["field"], row["epoch"]) for row in whole]
    paged = list(all_pages(viewer, CORRECTIONS, limit=5))
    assert len(keys) == len(set(keys)) > 4 * 5
    assert sorted(map(repr, paged)) == sorted(map(repr, whole))
    assert [row["at"] for row in paged] == sorted((row["at"] for row in paged), reverse=True)


def test_corrections_of_one_epoch(viewer: Client, pipeline: Pipeline) -> None:
    late_for_everybody(pipeline)
    newest = int(viewer.get(EPOCHS).json()["results"][0]["epoch"])
    rows = viewer.get(CORRECTIONS, {"epoch": newest}).json()["results"]
    assert {row["epoch"] for row in rows} == {newest}
    assert viewer.get(CORRECTIONS, {"epoch": 99}).json()["results"] == []


def test_an_epoch_tells_of_its_shard_alone(viewer: Client, pipeline: Pipeline) -> None:
    late_for_everybody(pipeline)
    newest = viewer.get(EPOCHS).json()["results"][0]
    named = {"shard": newest["shard"], "epoch": newest["epoch"]}
    assert viewer.get(EPOCHS, named).json()["results"] == [newest]
    rows = viewer.get(CORRECTIONS, named).json()["results"]
    assert {(row["shard"], row["device_id"]) for row in rows} == {(newest["shard"], DEVICES[-1])}
    assert errors(viewer, EPOCHS, shard=pipeline.log.shards) == [("/shard", "out_of_range")]


def test_the_late_events_of_an_epoch(viewer: Client, pipeline: Pipeline) -> None:
    late_for_everybody(pipeline)
    newest = viewer.get(EPOCHS).json()["results"][0]
    found = viewer.get("/api/v1/events", {"shard": newest["shard"], "epoch": newest["epoch"]}).json()["results"]
    assert [(event["device_id"], event["event_id"], event["place"]) for event in found] == [
        (DEVICES[-1], "late", "late")
    ]


def test_epochs_newest_first(viewer: Client, pipeline: Pipeline) -> None:
    late_for_everybody(pipeline)
    rows = list(all_pages(viewer, EPOCHS, limit=1))
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    assert len({(row["shard"], row["epoch"]) for row in rows}) == len(rows) == 4
    newest = dict(rows[0])
    assert newest.pop("seconds") > 0
    assert set(newest) == {"shard", "epoch", "at", "late_events", "devices", "oldest_observed_at", "plan"}
    assert (newest["late_events"], newest["devices"], newest["plan"]) == (1, 1, "inline")
    assert newest["oldest_observed_at"] == iso(START_MS + 500)
