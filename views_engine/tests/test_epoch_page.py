"""What the pages of epochs and of the pipeline take from a running pipeline."""

from django.test import Client

from views_engine.tests.pipeline import START_MS, Pipeline, reading, sent


def test_an_epoch_has_a_page_once_it_is_there(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(["meter-1"], every_ms=1000, count=3))
    pipeline.settle()
    pipeline.send(reading("meter-1", "temperature", START_MS + 500, 99))
    pipeline.settle()
    newest = viewer.get("/api/v1/epochs").json()["results"][0]
    address = f"/epochs/{newest['shard']}/{newest['epoch']}/"
    page = viewer.get(address)
    assert page.status_code == 200
    assert f'data-epoch="{newest["epoch"]}"' in page.content.decode()
    assert viewer.get(f"/epochs/{newest['shard']}/{newest['epoch'] + 1}/").status_code == 404


def test_the_logs_say_how_far_the_reformer_is(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(["meter-1"], every_ms=1000, count=3))
    (before,) = [one for one in viewer.get("/dashboard/logs").json()["shards"] if one["raw"]["events"]]
    assert (before["reformer"]["pending"], before["ordered"]["events"]) == (3, 0)
    pipeline.settle()
    after = viewer.get("/dashboard/logs").json()["shards"][before["shard"]]
    assert (after["reformer"]["pending"], after["ordered"]["events"], after["reformer"]["position"]) == (0, 3, 1)
