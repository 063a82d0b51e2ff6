"""The device with a story: what comes late, what it says, and that it goes on."""

from itertools import islice

import numpy as np
import orjson
import pytest

from events.simulation import story
from events.simulation.fleet import Burst
from events.simulation.session import Plan, cast

START_S = 2e9


def told(burst: Burst) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in burst.lines.to_pylist()]


def seconds(text: object) -> float:
    """Of an act."""
    return float(np.datetime64(str(text).removesuffix("Z"), "ms").astype(np.int64)) / 1000 - START_S


@pytest.fixture
def act() -> list[dict[str, object]]:
    return told(next(story.bursts(start_s=START_S, history_s=0, stamped=True)))


def test_arrivals_never_go_back() -> None:
    parts = list(islice(story.bursts(start_s=START_S, history_s=3600, stamped=True), 3))
    assert np.all(np.diff(np.concatenate([part.received for part in parts])) >= 0)


def test_what_it_could_not_send_comes_at_once_behind_something_new(act: list[dict[str, object]]) -> None:
    received = [seconds(event["received_at"]) for event in act]
    buffer = [event for event in act if seconds(event["received_at"]) - seconds(event["observed_at"]) > 1]
    assert len({event["received_at"] for event in buffer}) == 1
    assert sum(event["event_type"] == "temperature" for event in buffer) == 40
    first_late = act.index(buffer[0])
    assert seconds(act[first_late - 1]["observed_at"]) > seconds(buffer[-1]["observed_at"])
    assert not [at for at in received if story.SILENT_S[0] + story.LINK_S < at < story.SILENT_S[1]]


def test_the_fever_comes_and_goes_in_silence() -> None:
    offsets = np.arange(0, story.ACT_S, story.STEP_S)
    hot = offsets[story.fever_at(offsets) > 1.0]
    assert story.SILENT_S[0] < hot.min() < hot.max() < story.SILENT_S[1]
    assert hot.max() - hot.min() >= 25


def test_a_fleet_with_a_story_has_one_device_more() -> None:
    names = cast(Plan(devices=5, story=True), now_s=START_S, stamped=True).names
    assert len(names) == 6
    assert names[story.DEVICE] == story.NAME
