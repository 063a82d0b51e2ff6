"""Snapshots, segments, pruning and exports, with object storage in a folder."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from devices.models import Device
from events.models import DeadLetter, Segment
from views_engine import exports, pruning, storage, tasks
from views_engine.apps import last_received
from views_engine.models import Export, SnapshotRecord
from views_engine.notifying.models import Channel, Delivery
from views_engine.notifying.tests.conftest import broker
from views_engine.reading import get_reader
from views_engine.snapshots import taking, verifying
from views_engine.tests.pipeline import START_MS, Pipeline, sent

DEVICES = [f"meter-{number}" for number in range(4)]


@pytest.fixture(autouse=True)
def objects(tmp_path: Path, settings: Any) -> Any:
    """An empty object storage of this test alone."""
    settings.STORAGE_URL = f"file://{tmp_path / 'objects'}"
    storage.get_store.cache_clear()
    yield tmp_path / "objects"
    storage.get_store.cache_clear()


@pytest.fixture
def busy(pipeline: Pipeline) -> Pipeline:
    pipeline.send(*sent(DEVICES, every_ms=1000, count=10))
    pipeline.settle()
    return pipeline


def test_a_snapshot_of_every_shard(busy: Pipeline, objects: Path) -> None:
    tasks.snapshot_all()
    records = list(SnapshotRecord.objects.order_by("shard"))
    standings = [calculator.store.standing for calculator in busy.calculators]
    assert [(record.epoch, record.position) for record in records] == [(one.epoch, one.position) for one in standings]
    assert sum(record.events for record in records) == 40
    for record in records:
        assert verifying.digest(objects / record.path) == record.sha256
        assert verifying.verify(objects / record.path).events == record.events


def test_the_same_position_is_kept_once(busy: Pipeline) -> None:
    assert taking.snapshot_all() == busy.log.shards
    assert taking.snapshot_all() == 0


def test_only_the_newest_snapshots_are_kept(busy: Pipeline, objects: Path, settings: Any) -> None:
    for _ in range(settings.CONFIG.snapshots.keep + 2):
        busy.settle()
        taking.take(0)
    kept = [record.path for record in SnapshotRecord.objects.filter(shard=0)]
    assert len(kept) == settings.CONFIG.snapshots.keep
    assert sorted(kept) == sorted(str(path.relative_to(objects)) for path in objects.rglob("*.duckdb"))


def test_a_copy_that_does_not_add_up_is_no_snapshot(busy: Pipeline, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    get_reader().snapshot(0, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("DELETE FROM events WHERE device_id = (SELECT min(device_id) FROM events)")
    with pytest.raises(verifying.SnapshotBroken, match="accounts for"):
        verifying.verify(copy)
    copy.write_bytes(copy.read_bytes()[:5000])
    with pytest.raises(verifying.SnapshotBroken, match="does not open"):
        verifying.verify(copy)


def test_an_export_is_what_the_api_streams(viewer: Client, busy: Pipeline) -> None:
    export = Export.objects.create(what="events", query="device_id=meter-1", form="ndjson")
    tasks.run_export(export.pk)
    export.refresh_from_db()
    assert (export.status, export.rows, export.error) == ("done", 10, "")
    streamed = b"".join(viewer.get("/api/v1/events", {"device_id": "meter-1", "format": "ndjson"}))
    assert b"".join(storage.chunks(export.path)) == streamed
    assert export.bytes == len(streamed)


@pytest.mark.parametrize("shards", [1], indirect=True)
@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
@pytest.mark.parametrize(
    ("what", "rows"), [("events", 40), ("metrics", 4), ("devices", 4), ("corrections", 0), ("epochs", 0)]
)
def test_every_kind_of_export(busy: Pipeline, what: str, rows: int, form: str) -> None:
    Device.objects.bulk_create(Device(device_id=device_id) for device_id in DEVICES)
    filters = "resolution=1d" if what == "metrics" else ""
    export = Export.objects.create(what=what, event_type="temperature", query=filters, form=form)
    exports.run(export.pk)
    export.refresh_from_db()
    assert (export.status, export.rows, export.error) == ("done", rows, "")


@pytest.mark.parametrize("shards", [1], indirect=True)
def test_an_export_that_cannot_be_made_says_why(busy: Pipeline) -> None:
    export = Export.objects.create(what="events", query="colour=red")
    exports.run(export.pk)
    export.refresh_from_db()
    assert export.status == "failed"
    assert "colour" in export.error


@pytest.mark.parametrize("shards", [1], indirect=True)
def test_an_export_is_made_once(busy: Pipeline) -> None:
    export = Export.objects.create(what="events", status=Export.Status.RUNNING)
    exports.run(export.pk)
    export.refresh_from_db()
    assert export.status == "running"


@pytest.mark.parametrize("shards", [1], indirect=True)
def test_old_exports_go_with_their_files(busy: Pipeline, objects: Path) -> None:
    export = Export.objects.create(what="events")
    exports.run(export.pk)
    Export.objects.update(created_at=timezone.now() - exports.KEPT - timedelta(seconds=1))
    fresh = Export.objects.create(what="events")
    assert pruning.prune()["exports"] == 1
    assert list(Export.objects.all()) == [fresh]
    assert not [path for path in objects.rglob("exports/**/*") if path.is_file()]


@pytest.mark.parametrize("shards", [1], indirect=True)
def test_old_dead_letters_go(busy: Pipeline, settings: Any) -> None:
    days = settings.CONFIG.events.keep_dead_letters_days
    for arrival, age in enumerate((days + 1, days - 1)):
        at = timezone.now() - timedelta(days=age)
        DeadLetter.objects.create(shard=0, arrival=arrival, reason="invalid", received_at=at, raw=b"")
    tasks.prune()
    assert [letter.arrival for letter in DeadLetter.objects.all()] == [1]


def test_old_notifications_go_once_they_are_through(db: None, settings: Any) -> None:
    channel = Channel.objects.create(name="mail", kind="email", target={"to": ["ops@example.com"]})
    long_ago = timezone.now() - timedelta(days=settings.CONFIG.notifying.keep_days + 1)
    times = {"created_at": long_ago, "next_attempt_at": long_ago, "give_up_at": long_ago}
    for number, state in enumerate(("sent", "dead", "failed")):
        Delivery.objects.create(
            channel=channel, alert_id=number, revision=1, key=state, tone="note", body={}, state=state, **times
        )
    assert pruning.prune_notifications() == 2
    assert [delivery.state for delivery in Delivery.objects.all()] == ["failed"]


@pytest.mark.parametrize("shards", [1], indirect=True)
def test_segments_are_written_when_they_are_full(busy: Pipeline, objects: Path, settings: Any) -> None:
    tasks.write_segments()
    assert not Segment.objects.exists()
    reformer = settings.CONFIG.reformer.model_copy(update={"segment_events": 20})
    settings.CONFIG = settings.CONFIG.model_copy(update={"reformer": reformer})
    tasks.write_segments()
    assert Segment.objects.get().events == 40
    assert len(list(objects.rglob("*.parquet"))) == 1


@pytest.mark.parametrize("shards", [1], indirect=True)
def test_an_administrator_asks_for_an_export_and_fetches_it(
    busy: Pipeline, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"), backend="django.contrib.auth.backends.ModelBackend")
    form = {"what": "metrics", "event_type": "temperature", "query": "resolution=1m", "form": "csv"}
    wrong = client.post("/admin/views_engine/export/add/", {**form, "event_type": "pressure"})
    assert b"is one of" in wrong.content
    settings.TASKS_APP = "views_engine.notifying.tests.conftest.broker"
    broker.asked.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/admin/views_engine/export/add/", form).status_code == 302
    export = Export.objects.get()
    assert broker.asked == [("views_engine.tasks.run_export", (export.pk,))]
    exports.run(export.pk)
    page = client.get(f"/admin/views_engine/export/{export.pk}/change/")
    assert f"/admin/views_engine/export/{export.pk}/file".encode() in page.content
    file = b"".join(client.get(f"/admin/views_engine/export/{export.pk}/file"))
    assert file.startswith(b'"device_id","start"')


def test_who_was_heard_of_when(busy: Pipeline) -> None:
    assert last_received() == dict.fromkeys(DEVICES, START_MS)
