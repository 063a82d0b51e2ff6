"""What one socket still has to say: merged while it waits, numbered without gaps as it goes out. Pure."""

from collections.abc import Mapping
from typing import Any

import orjson

from views_engine.dashboard.changes import Version, add_counts


class Outbox:
    """A slow client costs one entry per device and type here, however long it takes to read."""

    def __init__(self) -> None:
        self._number = 0
        self._greeting = False
        self._version: Version = {}
        self._changes: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._reasons: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._greeting or self._changes or self._reasons or any(self._counts.values()))

    def subscribed(self, version: Version) -> None:
        """Starts afresh: what waited for another view is dropped, and an empty frame tells that all is set up."""
        self._changes, self._counts, self._reasons = {}, {}, []
        self._greeting, self._version = True, version

    def add(self, message: Mapping[str, Any]) -> None:
        """Merges one message of the feed (see `Pending.for_fleet`, with the version beside it)."""
        self._version = message["version"]
        self._changes.update(message["changes"])
        add_counts(self._counts, message["counts"])
        for reason in message["reasons"]:
            self.resync(reason)

    def resync(self, reason: str) -> None:
        if reason not in self._reasons:
            self._reasons.append(reason)

    def take(self) -> str:
        """The next message as JSON text; a resync goes before the changes that came with it."""
        self._number += 1
        return self._resync() if self._reasons else self._frame()

    def _resync(self) -> str:
        reason, self._reasons = ",".join(self._reasons), []
        message = {"type": "resync", "n": self._number, "reason": reason, "version": self._version}
        return orjson.dumps(message).decode()

    def _frame(self) -> str:
        head = {"type": "frame", "n": self._number, "version": self._version, "counts": self._counts}
        changes, self._changes, self._counts, self._greeting = self._changes, {}, {}, False
        return f'{orjson.dumps(head).decode()[:-1]},"changes":[{",".join(changes.values())}]}}'
