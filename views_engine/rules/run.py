"""The fold of rules that judge readings one by one: a device is cold, or in a run of readings that began HOT.

A run raises with the first reading at or after `started_at + for_s` that does not clear it. It ends with a reading that
is CLEAR, or where the rule judges the device no longer; a new version of the rule does not end it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from events.controls import RuleVersion
from views_engine.folds.contract import Columns, Glide, Output, PlainFold, Reading
from views_engine.rules.base import Condition, Judgement, Judging, Memory, Verdict
from views_engine.rules.gliding import Gliding
from views_engine.rules.interval import Interval, interval
from views_engine.rules.judged import Judged
from views_engine.rules.timeline import Segment, judged_until, segment_at, version_stretches
from views_engine.rules.watch import Run, State, Watch


class Stretch(NamedTuple):
    """A version of the rule while it is in force, and its parameters made ready."""

    start: int
    end: int
    condition: Condition


class RunUnit(PlainFold):
    """The alerts of one rule."""

    reads_payload = False
    state_type = State

    def __init__(self, kind: Judging, event_type: str | None, judged: Judged) -> None:
        self.name, self.kind, self.judged = judged.unit_name, kind, judged
        self.event_types = None if event_type is None else frozenset([event_type])
        self.looks_back = kind.looks_back
        self.reach_ms = max((kind.reach_ms(version.parameters) for version in judged.enabled), default=0)
        self._conditions: Mapping[int, Condition] = {
            version.version: kind.condition(version.parameters) for version in judged.enabled
        }
        self._stretches = [
            Stretch(start, end, self._conditions[version.version])
            for start, end, version in version_stretches(judged.versions)
        ]

    def initial(self) -> State:
        return None

    def covers(self, device_id: str) -> bool:
        return bool(self.judged.segments(device_id))

    def stirs(self, events: Columns) -> NDArray[np.bool_] | None:
        if self.reach_ms:
            return None
        found = np.zeros(len(events.observed_at), np.bool_)
        for start, end, condition in self._stretches:
            verdicts = condition.verdicts(events)
            there = (events.observed_at >= start) & (events.observed_at < end)
            found |= there if verdicts is None else there & verdicts.hot
        return found

    def glides(self, events: Columns) -> Glide[State] | None:
        return None if self.reach_ms else Gliding(self.judged, self._conditions, events).glide

    def apply(self, state: State, event: Reading) -> tuple[State, Sequence[Output]]:
        """An event without a number or a position is no reading, and changes nothing."""
        if event.value is None and event.latitude is None:
            return state, ()
        segments = self.judged.segments(event.device_id)
        memory = self.kind.remember(state.memory if state else (), event) if self.reach_ms else ()
        run, outputs = state.run if state else None, list[Output]()
        if run is not None and (end := judged_until(segments, run.started_at)) <= event.observed_at:
            outputs += _ended(run, end)
            run = None
        segment = segment_at(segments, event.observed_at)
        if segment is not None:
            run, ended = self._judge(run, segment, event, memory)
            outputs += ended
        return (Watch(run, memory) if run or memory else None), outputs

    def _judge(
        self, run: Run | None, segment: Segment, event: Reading, memory: Memory
    ) -> tuple[Run | None, list[Output]]:
        condition = self._conditions[segment.version.version]
        verdict = condition.judge(event, memory)
        if run is None and verdict.judgement is Judgement.HOT:
            run = Run(event.observed_at)
        if run is None:
            return None, []
        if verdict.judgement is Judgement.CLEAR:
            return None, _ended(run, event.observed_at)
        return _lasting(run, condition, segment.version, event, verdict), []

    def showing(self, state: State) -> Output | None:
        """The open alert, as if it were judged for ever; `shown` knows better."""
        if state is None or state.run is None or state.run.alert is None:
            return None
        return _output(state.run, None)


def shown(run: Run, segments: Sequence[Segment], clock: int) -> Interval | None:
    """The alert of a run that goes on, as it stands when the log's clock says `clock`.

    It has ended where the rule judges the device no longer, though no reading came after that.
    """
    if run.alert is None:
        return None
    end = judged_until(segments, run.started_at)
    return _closed(run, end if end <= clock else None)


def _lasting(run: Run, condition: Condition, version: RuleVersion, event: Reading, verdict: Verdict) -> Run:
    value, measure = run.value, verdict.measure
    if measure is not None:
        value = measure if value is None else condition.extreme(value, measure)
    alert = run.alert
    if alert is None and event.observed_at >= run.started_at + condition.for_ms:
        alert = interval(version, event.device_id, run.started_at, event.observed_at)
    return Run(run.started_at, value, alert)


def _ended(run: Run, at: int) -> list[Output]:
    return [] if run.alert is None else [_output(run, at)]


def _output(run: Run, cleared_at: int | None) -> Output:
    return output_of(_closed(run, cleared_at))


def _closed(run: Run, cleared_at: int | None) -> Interval:
    assert run.alert is not None
    return msgspec.structs.replace(run.alert, cleared_at=cleared_at, value=run.value)


def output_of(alert: Interval) -> Output:
    return Output(since=alert.started_at, body=msgspec.structs.asdict(alert))
