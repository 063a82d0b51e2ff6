"""The site under test: a running stack, a gateway that sends events, and what the browser complained of."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from playwright.sync_api import Page

from tests.stack.running import RunningStack


@dataclass
class Site:
    stack: RunningStack
    gateway: httpx.Client
    complaints: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.stack.address

    def listen(self, page: Page) -> None:
        self.complaints.clear()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def send(self, events: Iterable[dict[str, Any]]) -> None:
        answer = self.gateway.post("/api/v1/events", json=list(events))
        assert answer.status_code == 202, answer.text


def event(device_id: str, value: float, *, ago_s: float = 0, event_type: str = "temperature") -> dict[str, Any]:
    """An observation so many seconds before now."""
    moment = datetime.fromtimestamp(time.time() - ago_s, UTC)
    return {
        "device_id": device_id,
        "event_type": event_type,
        "observed_at": moment.isoformat(timespec="milliseconds"),
        "payload": {"value": value},
    }


def position(device_id: str, latitude: float, longitude: float) -> dict[str, Any]:
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    payload = {"latitude": latitude, "longitude": longitude}
    return {"device_id": device_id, "event_type": "location", "observed_at": moment, "payload": payload}
