"""A read of alerts equals one version, whatever the mirrors write meanwhile."""

import pytest
from django.db.models import F

from views_engine.alerts.models import MirrorStanding
from views_engine.alerts.reading import TRIES, read_mirrored
from views_engine.reading import Position, get_reader
from views_engine.tests.pipeline import START_MS, Pipeline, reading

pytestmark = pytest.mark.parametrize("shards", [1], indirect=True)


@pytest.mark.parametrize("disturbed", [0, 1, TRIES])
def test_what_was_read_while_a_mirror_wrote_is_read_again(pipeline: Pipeline, disturbed: int) -> None:
    pipeline.send(reading("m", "temperature", START_MS, 20))
    pipeline.settle()
    seen: list[int] = []

    def read() -> int:
        position = MirrorStanding.objects.get().position
        if len(seen) < disturbed:
            MirrorStanding.objects.update(position=F("position") + 100)
        seen.append(position)
        return position

    at = pipeline.mirrors[0].mirrored.at
    assert at is not None
    answer, version = read_mirrored(get_reader(), read)
    assert (len(seen), version[0].position) == (disturbed + 1, max(answer, at.position))


def test_the_version_is_that_of_the_mirror_where_nothing_was_written(pipeline: Pipeline) -> None:
    pipeline.settle()
    MirrorStanding.objects.update(position=0)
    _, version = read_mirrored(get_reader(), lambda: None)
    at = pipeline.mirrors[0].mirrored.at
    assert at is not None
    assert version == {0: Position(at.epoch, at.position)}
