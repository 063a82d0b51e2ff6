"""Raw records for tests of the fold, written the short way."""

import json
from dataclasses import dataclass
from typing import Any

NOON = 1_769_860_800_000
"""2026-01-31T12:00:00Z"""


@dataclass(frozen=True, slots=True)
class Raw:
    value: bytes
    timestamp: int
    events: int
    first_event: int
    headers: dict[str, str]


def raw(*events: Any, at: int = NOON, first: int = 0, source: str = "door") -> Raw:
    """A record of these events; bytes are taken as they are."""
    lines = [event if isinstance(event, bytes) else json.dumps(event).encode() for event in events]
    return Raw(b"\n".join(lines), at, len(lines), first, {"format": "ndjson", "source": source})


def reading(value: Any, **members: Any) -> dict[str, Any]:
    """A temperature of device `a` at noon, unless `members` says otherwise."""
    event = {"device_id": "a", "event_type": "temperature", "observed_at": "2026-01-31T12:00:00Z"}
    return {**event, "payload": {"value": value}, **members}
