"""Nothing observed for so long. A silence is judged by the time that travels in the log, and between two events."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from views_engine.rules.base import LONGEST_S, Fields, Needs, duration_ms
from views_engine.rules.timeline import Segment


class Silence(NamedTuple):
    """From `started` to `ended` (ms) nothing was observed for too long, by the version in force at its start."""

    started: int
    ended: int
    segment: Segment


class NoData:
    name = "no_data"
    needs = Needs()
    looks_back = True

    def check(self, parameters: Fields) -> None:
        parameters.number("after_s", low=0.001, high=LONGEST_S)


def after_ms(parameters: Mapping[str, Any]) -> int:
    return duration_ms(parameters, "after_s")


def silences(judged: Sequence[Segment], last: int, until: int) -> list[Silence]:
    """The alerts between an event at `last` and the next one at `until`, which is the end of those that go on.

    One ends before where the device is judged no longer; a version that follows another without a gap lets it go on.
    """
    found: list[Silence] = []
    for segment in judged:
        if segment.end <= last or segment.start >= until:
            continue
        if found and found[-1].ended == segment.start:
            found[-1] = found[-1]._replace(ended=min(segment.end, until))
            continue
        started = max(last, segment.start) + after_ms(segment.version.parameters)
        if started < min(segment.end, until):
            found.append(Silence(started, min(segment.end, until), segment))
    return found
