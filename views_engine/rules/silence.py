"""The fold of no_data rules: what two consecutive events say of the time between them. No state is kept.

The silence after a device's newest event is nobody's row: whoever reads judges it by the log's clock, with `tail`.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from views_engine.folds.contract import Columns, Output, PlainFold, Reading
from views_engine.rules.interval import Interval, interval
from views_engine.rules.judged import Judged
from views_engine.rules.no_data import Silence, after_ms, silences
from views_engine.rules.run import output_of
from views_engine.rules.timeline import FOREVER, Segment


class SilenceUnit(PlainFold):
    """The alerts of one rule."""

    looks_back = True
    reads_payload = False
    reach_ms = 0
    state_type = None

    def __init__(self, event_type: str | None, judged: Judged) -> None:
        self.name, self.judged = judged.unit_name, judged
        self.event_types = None if event_type is None else frozenset([event_type])
        self.shortest_ms = min((after_ms(version.parameters) for version in judged.enabled), default=FOREVER)

    def initial(self) -> None:
        return None

    def covers(self, device_id: str) -> bool:
        return bool(self.judged.segments(device_id))

    def stirs(self, events: Columns) -> NDArray[np.bool_] | None:
        if events.before_at is None or events.has_before is None:
            return None
        silent = events.observed_at - events.before_at > self.shortest_ms
        found: NDArray[np.bool_] = silent & events.has_before
        return found

    def apply(self, state: None, event: Reading) -> tuple[None, Sequence[Output]]:
        if event.before is None:
            return None, ()
        found = silences(self.judged.segments(event.device_id), event.before[0], event.observed_at)
        return None, [output_of(_alert(silence, event.device_id, silence.ended)) for silence in found]


def tail(judged: Sequence[Segment], device_id: str, last: int, clock: int) -> list[Interval]:
    """The alerts since a device's newest event at `last`, when the log's clock says `clock`; at most one is open."""
    found = silences(judged, last, clock + 1)
    return [_alert(silence, device_id, silence.ended if silence.ended <= clock else None) for silence in found]


def _alert(silence: Silence, device_id: str, cleared_at: int | None) -> Interval:
    alert = interval(silence.segment.version, device_id, silence.started, silence.started)
    return msgspec.structs.replace(alert, cleared_at=cleared_at)
