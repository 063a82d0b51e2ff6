"""What Celery does beside epochs: a snapshot before a handover, and the chronicle."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blackboard import board
from blackboard.models import Calculator, ClosedEpoch
from views_engine import closing, storage
from views_engine.models import SnapshotRecord
from views_engine.tests.pipeline import START_MS, Pipeline, reading

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("shards", [1], indirect=True)]


@pytest.fixture(autouse=True)
def objects(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.STORAGE_URL = f"file://{tmp_path / 'objects'}"
    storage.get_store.cache_clear()
    yield
    storage.get_store.cache_clear()


def with_late_events(pipeline: Pipeline, rounds: int, first: int = 0) -> None:
    """So many epochs, each of one late event that changes a window."""
    pipeline.send(reading("van", "temperature", START_MS, 20), reading("van", "temperature", START_MS - 90_000, 20))
    pipeline.settle()
    for number in range(first, first + rounds):
        pipeline.send(reading("van", "temperature", START_MS - 1000 - number, 10))
        pipeline.settle()


def test_epochs_are_closed_once(pipeline: Pipeline) -> None:
    with_late_events(pipeline, 2)
    assert closing.sweep() == 2
    assert closing.sweep() == 0
    kept = ClosedEpoch.objects.first()
    assert kept is not None
    assert (kept.plan, kept.late_events, kept.corrections > 0) == ("inline", 1, True)
    assert kept.closed_at is not None


def test_a_later_sweep_closes_what_came_since(pipeline: Pipeline) -> None:
    with_late_events(pipeline, 1)
    closing.sweep()
    with_late_events(pipeline, 1, first=1)
    assert closing.sweep() == 1


def holding(pipeline: Pipeline, epoch: int) -> None:
    """As if live had reported that it leaves this epoch to its deputy."""
    assert board.live(0) is not None
    Calculator.objects.update(held=epoch)


def test_a_snapshot_is_kept_before_a_handover_and_only_one(pipeline: Pipeline) -> None:
    with_late_events(pipeline, 1)
    holding(pipeline, 9)
    closing.sweep()
    closing.sweep()
    assert SnapshotRecord.objects.count() == 1
    held = ClosedEpoch.objects.get(number=9)
    assert (held.plan, held.snapshot_at is not None, held.closed_at) == ("handover", True, None)


def test_who_is_not_there_comes_with_the_next_sweep(pipeline: Pipeline) -> None:
    with_late_events(pipeline, 1)
    Calculator.objects.update(incarnation=99)
    assert closing.sweep() == 0
