"""GET /units: rows of units of one's own, in pages and files, and the devices that were set aside."""

from typing import Any

import pytest
from django.test import Client

from views_engine.api.times import iso
from views_engine.tests.pages import all_pages, content
from views_engine.tests.pipeline import START_MS, Pipeline, reading

UNITS = "/api/v1/units"
MINUTE = 60_000


@pytest.fixture
def warm(settings: Any, pipeline: Pipeline) -> Pipeline:
    """Two hot spells and one that goes on; a third device is more than a unit can take."""
    names = ["views_engine.folds.tests.units.HotSpells", "views_engine.folds.tests.units.Fragile"]
    calculator = settings.CONFIG.calculator.model_copy(update={"units": names})
    settings.CONFIG = settings.CONFIG.model_copy(update={"calculator": calculator})
    for device_id, values in {"a": (31, 20, 33, 20), "b": (20, 31), "c": (31, 50)}.items():
        pipeline.send(
            *(reading(device_id, "temperature", START_MS + n * MINUTE, value) for n, value in enumerate(values))
        )
    pipeline.settle()
    return pipeline


def test_rows_by_when_they_begin(viewer: Client, warm: Pipeline) -> None:
    page = viewer.get(f"{UNITS}/hot").json()
    assert [(row["device_id"], row["since"], row["open"]) for row in page["results"]] == [
        ("a", iso(START_MS), False),
        ("c", iso(START_MS), True),
        ("b", iso(START_MS + MINUTE), True),
        ("a", iso(START_MS + 2 * MINUTE), False),
    ]
    assert page["results"][0]["body"] == {"until": START_MS + MINUTE, "most": 31_000_000}
    assert len(page["version"]) == warm.log.shards


def test_pages_and_files_hold_the_same(viewer: Client, warm: Pipeline) -> None:
    rows = viewer.get(f"{UNITS}/hot").json()["results"]
    assert list(all_pages(viewer, f"{UNITS}/hot", limit=1)) == rows
    lines = content(viewer, f"{UNITS}/hot", format="csv").splitlines()
    assert len(lines) == 1 + len(rows)


def test_a_part_of_them(viewer: Client, warm: Pipeline) -> None:
    asked = f"{UNITS}/hot?device_id=a&from={iso(START_MS + MINUTE)}"
    assert [row["since"] for row in viewer.get(asked).json()["results"]] == [iso(START_MS + 2 * MINUTE)]


def test_who_was_set_aside_why_and_because_of_which_event(viewer: Client, warm: Pipeline) -> None:
    (fault,) = viewer.get(f"{UNITS}/fragile/faults").json()["results"]
    assert (fault["device_id"], fault["reason"]) == ("c", "ValueError: 50 degrees")
    assert fault["cause"]["observed_at"] == iso(START_MS + MINUTE)
    units = viewer.get(UNITS).json()["results"]
    assert [(unit["name"], unit["faults"]) for unit in units] == [("hot", 0), ("fragile", 1)]


@pytest.mark.parametrize("query", ["", "?cursor=nonsense"])
def test_an_unknown_unit_is_not_found(viewer: Client, warm: Pipeline, query: str) -> None:
    problem = viewer.get(f"{UNITS}/cold{query}")
    assert problem.status_code == 404
    assert "hot, fragile" in problem.json()["detail"]
