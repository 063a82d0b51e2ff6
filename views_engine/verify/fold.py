"""The fold: what became of every event of a raw log, and each device's history in its order of observation.

Rules, from docs/api.md. Identity is (device, type, observed_at, event_id), a timeless event never the same as one with
a time. The first of an identity in the raw log is kept; what repeats it with the same content is a duplicate, with
other content a conflict. An id sent without a time names the same event again within 24 hours of a kept one.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from views_engine.verify.payloads import Refused
from views_engine.verify.reading import Facts, Observed, content, read_line

SAME_NAME_MS = 24 * 3600 * 1000
SOURCES = ("door", "import", "replay", "direct")
OWN_TIMES = "import"


class RawRecord(Protocol):
    """A record of the raw log: JSON lines, when they were received (ms), how many, and how many came before them."""

    @property
    def value(self) -> bytes: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def events(self) -> int: ...
    @property
    def first_event(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class Identity(NamedTuple):
    device_id: str
    event_type: str
    observed_at: int
    event_id: str
    timeless: bool


@dataclass(slots=True)
class Device:
    """One device: its events, ordered by observation, and when anything of it was last received (ms)."""

    device_id: str
    last_received_at: int
    events: list[Observed] = field(default_factory=list)


class Fold:
    """Takes raw records in order; then `fates` and `devices()` say what they come to."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.fates: Counter[str] = Counter()
        self.received = 0
        self._devices: dict[str, Device] = {}
        self._kept: dict[tuple[str, str, int, str, bool], Observed] = {}
        self._named: defaultdict[tuple[str, str, str], list[Observed]] = defaultdict(list)

    def take(self, record: RawRecord) -> None:
        """A record that is not what it says it is cannot be read at all."""
        self.received += record.events
        lines = record.value.split(b"\n")
        source = record.headers.get("source")
        if record.headers.get("format") != "ndjson" or source not in SOURCES or len(lines) != record.events:
            self.fates["invalid"] += record.events
            return
        for arrival, line in enumerate(lines, record.first_event):
            self.fates[self._fate(line, arrival, record.timestamp, source == OWN_TIMES)] += 1

    def devices(self, waiting: Collection[Identity] = ()) -> list[Device]:
        """All devices by id, their events in order; events that wait for their epoch marker are left out."""
        apart = frozenset(waiting)
        return [self._ordered(self._devices[device_id], apart) for device_id in sorted(self._devices)]

    def _fate(self, line: bytes, arrival: int, received_at: int, own_times: bool) -> str:
        try:
            event = read_line(line, arrival=arrival, received_at=received_at, own_times=own_times, facts=self.facts)
        except Refused:
            return "invalid"
        if self.facts.refused.get(arrival) == "unknown_device":
            return "unknown_device"
        device = self._sign_of_life(event)
        if event.observed_at - event.received_at > self.facts.max_clock_ahead_ms:
            return "future"
        if event.observed_at < self._oldest(event.received_at):
            return "too_old"
        kept = self._known(event)
        if kept is not None:
            return "duplicate" if content(kept) == content(event) else "conflict"
        device.events.append(event)
        return "applied"

    def _sign_of_life(self, event: Observed) -> Device:
        device = self._devices.get(event.device_id)
        if device is None:
            device = self._devices[event.device_id] = Device(event.device_id, event.received_at)
        elif device.last_received_at < event.received_at:
            device.last_received_at = event.received_at
        return device

    def _oldest(self, received_at: int) -> int:
        if self.facts.retention_ms is None:
            return self.facts.earliest_ms
        return max(self.facts.earliest_ms, received_at - self.facts.retention_ms)

    def _known(self, event: Observed) -> Observed | None:
        """The kept event that this one is again; else notes this one as kept."""
        if event.timeless:
            return self._known_by_name(event)
        identity = (event.device_id, event.event_type, event.observed_at, event.event_id, False)
        first = self._kept.setdefault(identity, event)
        return None if first is event else first

    def _known_by_name(self, event: Observed) -> Observed | None:
        namesakes = self._named[event.device_id, event.event_type, event.event_id]
        reach = 0 if event.event_id == f"arrival.{event.arrival}" else SAME_NAME_MS
        for kept in namesakes:
            if abs(kept.received_at - event.received_at) <= reach:
                return kept
        namesakes.append(event)
        return None

    def _ordered(self, device: Device, apart: frozenset[Identity]) -> Device:
        events: Iterable[Observed] = device.events
        if apart:
            events = (event for event in events if identity_of(event) not in apart)
        return Device(device.device_id, device.last_received_at, sorted(events))


def identity_of(event: Observed) -> Identity:
    return Identity(event.device_id, event.event_type, event.observed_at, event.event_id, event.timeless)


def ledger(fold: Fold, waiting: int = 0) -> dict[str, int]:
    """How many events had each fate; `applied` counts late ones too, but not those that wait."""
    fates = {fate: fold.fates[fate] for fate in FATES}
    fates["applied"] -= waiting
    return fates


FATES = ("applied", "duplicate", "conflict", "future", "too_old", "invalid", "unknown_device")
