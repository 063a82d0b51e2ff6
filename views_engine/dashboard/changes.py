"""What changed in the views, merged per device and type: pure, from lines of the private door to frames."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

FLEET = "fleet"
COUNTS = ("applied", "late", "duplicate")
MICRO = 10**6

Version = dict[str, dict[str, int]]


def device_group(device_id: str) -> str:
    """The channel layer's name for the watchers of one device; its alphabet is smaller than that of our ids."""
    return f"device.{hashlib.sha256(device_id.encode()).hexdigest()[:40]}"


def rfc3339(at_ms: int) -> str:
    """`2026-01-31T12:00:00.000Z` of whole milliseconds since 1970."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03}Z"


def change_key(change: Mapping[str, Any]) -> str:
    """Of several changes with the same key only the newest matters."""
    return f"{change['device_id']}/{change.get('event_type') or change.get('alert', '')}/{change['kind']}"


def encode_change(change: Mapping[str, Any]) -> str:
    """One change as clients see it: canonical numbers as JSON numbers, times as RFC 3339."""
    shown = dict(change)
    for name in ("value", "latitude", "longitude"):
        if shown.get(name) is not None:
            shown[name] = shown[name] / MICRO
    if shown.get("observed_at") is not None:
        shown["observed_at"] = rfc3339(shown["observed_at"])
    return orjson.dumps(shown).decode()


@dataclass(slots=True)
class Pending:
    """Changes that wait to be sent. Of several changes of one device and type the newest stays.

    Changes are kept as JSON text: a text is never copied on its way to many sockets, nor encoded once for each.
    """

    changes: dict[str, str] = field(default_factory=dict)
    devices: dict[str, set[str]] = field(default_factory=dict)
    corrected: set[str] = field(default_factory=set)
    reasons: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.changes or self.corrected or self.reasons or any(self.counts.values()))

    def add_line(self, line: Mapping[str, Any]) -> None:
        """Merges one line of `GET /changes`."""
        for change in line["changes"]:
            key = change_key(change)
            self.changes[key] = encode_change(change)
            self.devices.setdefault(change["device_id"], set()).add(key)
        self.corrected.update(line["corrected"])
        add_counts(self.counts, line)

    def add_reason(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)

    def for_fleet(self) -> dict[str, Any]:
        return self._message(self.changes, self.counts, bool(self.corrected))

    def touches(self, device_id: str) -> bool:
        return bool(self.reasons) or device_id in self.devices or device_id in self.corrected

    def for_device(self, device_id: str) -> dict[str, Any]:
        keys: Iterable[str] = self.devices.get(device_id, ())
        return self._message({key: self.changes[key] for key in keys}, {}, device_id in self.corrected)

    def _message(self, changes: dict[str, str], counts: dict[str, int], corrected: bool) -> dict[str, Any]:
        reasons = [*self.reasons, "epoch"] if corrected else list(self.reasons)
        return {"changes": changes, "counts": counts, "reasons": reasons}


def add_counts(total: dict[str, int], more: Mapping[str, Any]) -> None:
    for name in COUNTS:
        total[name] = total.get(name, 0) + int(more.get(name) or 0)
