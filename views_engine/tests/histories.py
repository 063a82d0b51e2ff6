"""Small histories for tests: events by hand, in the order of their arrival, straight into an ordered log."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from events.controls import Control, DeviceFacts, RuleVersion
from events.event import NO_SEQ, Event, Reading, canonical, content_of, derived_id
from events.log.base import Topic
from events.log.memory import MemoryLog
from events.records import EVENTS, Marker, Progress, batch_entry, clock_entry, control_entry, marker_entry
from views_engine.calculator import queries
from views_engine.calculator.store import Store
from views_engine.calculator.worker import Calculator, Pace

NOON = 1_769_860_800_000
"""2026-01-31T12:00:00Z in milliseconds."""


def event(at: float, value: float | None = None, *, device: str = "collar-1", **more: Any) -> Event:
    """An event `at` seconds after noon: a temperature, unless `event_type` or `where` (degrees) says else."""
    where = more.pop("where", None)
    observed_at = NOON + round(at * 1000)
    number = None if value is None else canonical(value)
    reading = Reading(value=number)
    if where:
        reading = Reading(latitude=canonical(where[0]), longitude=canonical(where[1]))
    seq = more.pop("seq", NO_SEQ)
    content = content_of(value=number, seq=seq, payload={"where": list(where)} if where else {})
    facts: dict[str, Any] = {
        "event_type": "location" if where else "temperature",
        "event_id": derived_id(content),
        "received_at": observed_at,
        "timeless": False,
        "payload": "{}",
        **more,
    }
    return Event(device_id=device, seq=seq, observed_at=observed_at, reading=reading, content=content, **facts)


class History:
    """An ordered log that is written by hand, and a calculator that reads it."""

    def __init__(self, *, fold_rows: int = 1_000_000) -> None:
        self.log = MemoryLog(shards=1)
        self.store = Store.open(":memory:")
        self.calculator = Calculator(log=self.log, shard=0, store=self.store, pace=Pace(fold_rows=fold_rows))
        self.arrivals = 0
        self.epoch = 0
        self.decisions = 0
        self.clock = NOON

    def batch(self, *arriving: Event, aside: str | None = None) -> "History":
        """The events of one batch; they arrive in the order given."""
        batch = _record_batch(arriving, self.arrivals, aside)
        self.arrivals += len(arriving)
        self._append(batch_entry(batch, shard=0, at=self.clock, progress=self._progress()))
        return self

    def marker(self) -> "History":
        self.epoch += 1
        marker = Marker(epoch=self.epoch, late_events=0, devices=0, oldest_observed_at=None)
        self._append(marker_entry(marker, shard=0, at=self.clock, progress=self._progress()))
        return self

    def decide(self, *bodies: RuleVersion | DeviceFacts) -> "History":
        """What people decide, as one record."""
        controls = [Control(number, body) for number, body in enumerate(bodies, self.decisions + 1)]
        self.decisions += len(controls)
        self._append(control_entry(controls, shard=0, at=self.clock, progress=self._progress()))
        return self

    def tick(self, at: float) -> "History":
        """The log's clock says that it is `at` seconds after noon."""
        self.clock = NOON + round(at * 1000)
        self._append(clock_entry(shard=0, at=self.clock, progress=self._progress()))
        return self

    def ask(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of a question, after everything written so far was calculated."""
        while self.calculator.step():
            continue
        rows: list[dict[str, Any]] = queries.run(self.store.connection, name, parameters).to_pylist()
        return rows

    def _append(self, entry: Any) -> None:
        self.clock += 1000
        self.log.append(Topic.ORDERED, [entry])

    def _progress(self) -> Progress:
        return Progress(raw=self.arrivals, raw_events=self.arrivals, fates={})


def _record_batch(arriving: Sequence[Event], first_arrival: int, aside: str | None) -> pa.RecordBatch:
    numbered = sorted(enumerate(arriving, first_arrival), key=lambda one: (one[1].device_id, one[1].order_key))
    rows = [
        {
            **{name: getattr(one, name) for name in EVENTS.names if hasattr(one, name)},
            "value": one.reading.value,
            "latitude": one.reading.latitude,
            "longitude": one.reading.longitude,
            "arrival": arrival,
            "aside": aside,
        }
        for arrival, one in numbered
    ]
    return pa.RecordBatch.from_pylist(rows, schema=EVENTS)
