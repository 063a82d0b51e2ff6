"""A run over many readings at once: while they do not clear it, they only raise it, or are more extreme. Pure."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from events.controls import RuleVersion
from views_engine.folds.contract import Columns
from views_engine.rules.base import Condition, there
from views_engine.rules.interval import interval
from views_engine.rules.judged import Judged
from views_engine.rules.timeline import Segment, judged_until, segment_at
from views_engine.rules.watch import Run, State, Watch

STOP, GO_ON, PASS = range(3)
"""What an event does to a run: it may end it, lets it go on, or is no reading at all."""


class Way(NamedTuple):
    """What each row does to a run under one version, and its measure."""

    version: RuleVersion
    condition: Condition
    steps: list[int]
    measures: list[int | None]


class Gliding:
    """The events of a batch, judged by the versions of a rule as far as its runs ask for it."""

    def __init__(self, judged: Judged, conditions: Mapping[int, Condition], events: Columns) -> None:
        self._judged, self._conditions, self._events = judged, conditions, events
        self._ways: dict[int, Way | None] = {}

    def glide(self, device_id: str, state: State, start: int, end: int) -> tuple[State, int]:
        """As `folds.contract.Glide` wants it. Goes no farther than one version judges the device."""
        run, segments = state.run if state else None, self._judged.segments(device_id)
        segment = segment_at(segments, self._moments[start])
        way = self._way(segment) if run and segment else None
        if run is None or segment is None or way is None:
            return state, start
        until = min(segment.end, judged_until(segments, run.started_at))
        run, row = self._follow(way, run, device_id, until, range(start, end))
        return Watch(run), row

    def _follow(self, way: Way, run: Run, device_id: str, until: int, rows: range) -> tuple[Run, int]:
        value, alert, raises_at = run.value, run.alert, run.started_at + way.condition.for_ms
        extreme, moments = way.condition.extreme, self._moments
        row = rows.start
        for row in rows:
            step, moment = way.steps[row], moments[row]
            if step == STOP or moment >= until:
                break
            if step == PASS:
                continue
            measure = way.measures[row]
            if measure is not None:
                value = measure if value is None else extreme(value, measure)
            if alert is None and moment >= raises_at:
                alert = interval(way.version, device_id, run.started_at, moment)
        else:
            row = rows.stop
        return Run(run.started_at, value, alert), row

    @cached_property
    def _moments(self) -> list[int]:
        found: list[int] = self._events.observed_at.tolist()
        return found

    def _way(self, segment: Segment) -> Way | None:
        number = segment.version.version
        if number not in self._ways:
            self._ways[number] = self._made(segment.version, self._conditions[number])
        return self._ways[number]

    def _made(self, version: RuleVersion, condition: Condition) -> Way | None:
        verdicts = condition.verdicts(self._events)
        if verdicts is None or verdicts.clear is None:
            return None
        read = there(self._events.value) | there(self._events.latitude)
        steps = np.where(read, np.where(verdicts.clear, STOP, GO_ON), PASS).tolist()
        return Way(version, condition, steps, _listed(verdicts.measure, len(steps)))


def _listed(numbers: "np.ma.MaskedArray[Any, Any] | None", length: int) -> list[int | None]:
    """None where a number is absent; much quicker than the array's own way."""
    if numbers is None:
        return [None] * length
    found: list[int | None] = numbers.data.tolist()
    for row in np.flatnonzero(np.ma.getmaskarray(numbers)).tolist():
        found[row] = None
    return found
