"""Snapshots and segments while the object storage is away: nothing is lost, and the next turn makes up for it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from blackboard import board
from blackboard.decisions import decide
from blackboard.loop import now_ms
from events.models import Segment
from views_engine import pruning, storage
from views_engine.models import SnapshotRecord
from views_engine.snapshots.taking import check_kept, overdue, snapshot_all, take
from views_engine.tests.pipeline import Pipeline, sent

pytestmark = pytest.mark.parametrize("shards", [1], indirect=True)


@pytest.fixture(autouse=True)
def objects(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """An empty object storage of this test alone."""
    settings.STORAGE_URL = f"file://{tmp_path / 'objects'}"
    storage.get_store.cache_clear()
    yield tmp_path / "objects"
    storage.get_store.cache_clear()


@pytest.fixture
def busy(pipeline: Pipeline) -> Pipeline:
    more(pipeline)
    return pipeline


def more(pipeline: Pipeline) -> None:
    pipeline.send(*sent(["meter-1", "meter-2"], every_ms=1000, count=20, start=pipeline.now))
    pipeline.settle()


def away(objects: Path) -> None:
    if objects.exists():
        objects.rename(objects.with_name("elsewhere"))
    objects.write_text("nobody is here")


def back(objects: Path) -> None:
    objects.unlink()
    objects.with_name("elsewhere").rename(objects)


def test_a_storage_that_is_away_is_tried_again_with_the_next_turn(busy: Pipeline, objects: Path) -> None:
    assert snapshot_all() == 1
    more(busy)
    away(objects)
    assert snapshot_all() == 0
    back(objects)
    assert snapshot_all() == 1
    assert SnapshotRecord.objects.filter(bad="").count() == 2


def test_segments_wait_for_the_storage(busy: Pipeline, objects: Path, settings: Any) -> None:
    reformer = settings.CONFIG.reformer.model_copy(update={"segment_events": 20})
    settings.CONFIG = settings.CONFIG.model_copy(update={"reformer": reformer})
    storage.get_store()
    away(objects)
    assert pruning.write_segments() == 0
    objects.unlink()
    assert pruning.write_segments() == 1
    assert Segment.objects.get().events == 40


def test_an_old_snapshot_is_said_to_be_overdue(busy: Pipeline, settings: Any) -> None:
    take(0)
    assert overdue() == []
    long_ago = timezone.now() - timedelta(seconds=2 * settings.CONFIG.snapshots.interval_s + 5)
    SnapshotRecord.objects.update(created_at=long_ago)
    (sentence,) = overdue()
    assert sentence.startswith("The newest snapshot of shard 0 is 1,80")


def test_a_snapshot_that_has_become_shorter_is_found_out(busy: Pipeline, objects: Path) -> None:
    record = take(0)
    assert record
    assert check_kept(0) == 0
    (objects / record.path).write_bytes(b"short")
    assert check_kept(0) == 1
    assert "it is 5 bytes long" in SnapshotRecord.objects.get().bad
    assert take(0)


def test_a_spare_calculator_is_copied_from_while_one_lives(busy: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    spare = busy.open_door(0)
    board.register(name="spare", host="here", pid=2, shard=0, address=spare.address)
    for move in decide(board.facts(), now_ms()):
        board.apply(move)
    asked: list[str] = []
    monkeypatch.setattr("views_engine.snapshots.taking.get_reader", lambda: asked.append("live"))
    assert take(0)
    spare.stop()
    assert asked == []


def test_who_is_live_is_asked_when_the_spare_one_does_not_answer(busy: Pipeline) -> None:
    board.register(name="spare", host="here", pid=2, shard=0, address="http://127.0.0.1:1")
    assert take(0)
