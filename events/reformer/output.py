"""What a step puts out: controls, events or a stamp of the clock, an epoch marker when it is due, and the state after
them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import pyarrow as pa

from events.controls import Control
from events.log.base import Entry
from events.records import Marker, Progress, batch_entry, clock_entry, control_entry, marker_entry
from events.reformer.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The records of one step and the state to commit with them. `position` is the raw log's next to read."""

    shard: int
    position: int
    state: State
    entries: tuple[Entry, ...] = ()

    def with_controls(self, controls: Sequence[Control], *, at: int) -> "Output":
        """And these decisions, where there are any; they come before the batch of the same step."""
        if not controls:
            return self
        at = max(at, self.state.clock)
        entry = control_entry(controls, shard=self.shard, at=at, progress=self._progress({}))
        return self._and(entry, msgspec.structs.replace(self.state, clock=at, controls=controls[-1].number))

    def read_on(self, position: int, state: State) -> "Output":
        """What follows accounts for the raw log up to `position`."""
        return replace(self, position=position, state=state)

    def with_batch(
        self, batch: pa.RecordBatch, fates: Mapping[str, int], *, at: int, entry: Callable[..., Entry] = batch_entry
    ) -> "Output":
        """And the events, or where none is left a stamp of the clock that accounts for them."""
        progress, at = self._progress(fates), max(at, self.state.clock)
        if batch.num_rows:
            made = entry(batch, shard=self.shard, at=at, progress=progress)
        else:
            made = clock_entry(shard=self.shard, at=at, progress=progress)
        return self._and(made, msgspec.structs.replace(self.state, clock=at))

    def with_clock(self, *, at: int) -> "Output":
        at = max(at, self.state.clock)
        entry = clock_entry(shard=self.shard, at=at, progress=self._progress({}))
        return self._and(entry, msgspec.structs.replace(self.state, clock=at))

    def with_marker(self, *, now: int, handover_late_events: int) -> "Output":
        """And the marker of the next epoch, for all late events that wait. Its stamp is that of the record before."""
        state = self.state
        marker = Marker(
            epoch=state.epoch + 1,
            late_events=state.late,
            devices=state.devices,
            oldest_observed_at=state.oldest,
            plan="handover" if state.late >= handover_late_events else "inline",
        )
        at = max(state.clock, now) if not self.entries else state.clock
        entry = marker_entry(marker, shard=self.shard, at=at, progress=self._progress({}))
        after = msgspec.structs.replace(
            state, epoch=marker.epoch, marker_at=now, clock=at, late=0, devices=0, oldest=None, unsure=False
        )
        return self._and(entry, after)

    def _progress(self, fates: Mapping[str, int]) -> Progress:
        return Progress(self.position, self.state.raw_events, fates)

    def _and(self, entry: Entry, state: State) -> "Output":
        return Output(shard=self.shard, position=self.position, state=state, entries=(*self.entries, entry))
