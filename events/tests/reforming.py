"""What tests of the reformer share: raw events, a clock to set, a place for letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from events.controls import Control, DeviceFacts
from events.event_types import BUILT_IN
from events.letter import Letter
from events.log.base import Log, Record, Topic
from events.records import Kind, Marker, Source, raw_entry, read_batch, read_marker, read_progress
from events.reformer import Reformer, ReformerSettings

NOON = 1_770_000_000_000
"""2026-02-02T02:40:00Z, when these tests take place."""


def line(device: str = "a", *, at: int | None = NOON, value: float = 20, **members: Any) -> bytes:
    """A temperature observed at `at` (milliseconds), or without a time."""
    times = {} if at is None else {"observed_at": rfc3339(at)}
    event = {"device_id": device, "event_type": "temperature", "payload": {"value": value}, **times, **members}
    return orjson.dumps(event)


def rfc3339(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()


def facts(number: int) -> Control:
    return Control(number, DeviceFacts(device_id="a", since=NOON, groups=[str(number)]))


class Outbox:
    """Decisions by number, at most two at once; `asked` counts how often somebody looked."""

    def __init__(self, *numbers: int) -> None:
        self.numbers, self.asked = list(numbers), 0

    def __call__(self, shard: int, after: int) -> Sequence[Control]:
        self.asked += 1
        return [facts(number) for number in self.numbers if number > after][:2]


@dataclass
class Bench:
    """A reformer, what it reads and what it writes."""

    log: Log
    now: int = NOON
    letters: dict[int, Letter] = field(default_factory=dict)
    devices: frozenset[str] = frozenset({"a", "b"})
    settings: ReformerSettings = field(default_factory=ReformerSettings)
    keep_letters: Callable[[list[Letter]], None] | None = None

    def keep(self, letters: list[Letter]) -> None:
        for letter in letters:
            self.letters.setdefault(letter.arrival, letter)

    def forget(self, shard: int, arrival: int) -> None:
        self.letters = {number: letter for number, letter in self.letters.items() if number < arrival}

    def reformer(self, **changed: Any) -> Reformer:
        parts: dict[str, Any] = {
            "log": self.log,
            "shard": 0,
            "clock": lambda: self.now,
            "types": lambda: BUILT_IN,
            "known_devices": lambda ids: self.devices & ids,
            "dead_letters": self.keep_letters or self.keep,
            "forget_letters": self.forget,
            "settings": self.settings,
        }
        return Reformer(**{**parts, **changed})

    def send(self, *lines: bytes, source: Source = Source.DOOR) -> None:
        self.log.append(Topic.RAW, [raw_entry(lines, shard=0, received_at=self.now, source=source)])

    def records(self) -> list[Record]:
        return self.log.read(Topic.ORDERED, 0, 0)

    def kinds(self) -> list[str]:
        return [record.headers["kind"] for record in self.records()]

    def rows(self) -> list[dict[str, Any]]:
        """All events in the ordered log, in its order."""
        found: Sequence[Record] = [record for record in self.records() if record.headers["kind"] == Kind.EVENTS]
        return [row for record in found for row in read_batch(record).to_pylist()]

    def markers(self) -> list[Marker]:
        return [read_marker(record) for record in self.records() if record.headers["kind"] == Kind.MARKER]

    def fates(self) -> dict[str, int]:
        total: dict[str, int] = {}
        for record in self.records():
            for fate, count in read_progress(record).fates.items():
                total[fate] = total.get(fate, 0) + count
        return total
