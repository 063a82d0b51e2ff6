"""Somebody who reads all the time, and remembers every answer."""

import threading
import time
from typing import Any, NamedTuple

import httpx

from tests.stack.running import RunningStack


class Seen(NamedTuple):
    """One answer: its status, the version it names, and what it says."""

    status: int
    version: str
    rows: Any


class Watcher(threading.Thread):
    """Asks for the same address until stopped, `rate` times a second; no answer at all counts as status 0."""

    def __init__(self, stack: RunningStack, path: str, headers: dict[str, str], *, rate: float = 25) -> None:
        super().__init__(name="watcher", daemon=True)
        self.url, self.headers, self.rest_s = f"{stack.address}/api/v1/{path}", headers, 1 / rate
        self.seen: list[Seen] = []
        self._stopping = threading.Event()

    def run(self) -> None:
        with httpx.Client(headers=self.headers, timeout=30) as client:
            while not self._stopping.wait(self.rest_s):
                self.seen.append(self._look(client))

    def stop(self) -> list[Seen]:
        self._stopping.set()
        self.join()
        return self.seen

    def _look(self, client: httpx.Client) -> Seen:
        try:
            answer = client.get(self.url)
        except httpx.HTTPError as error:
            return Seen(0, "", repr(error))
        body = answer.json()
        return Seen(answer.status_code, str(body.get("version")), body.get("results", body))

    @property
    def failed(self) -> list[Seen]:
        return [one for one in self.seen if one.status != 200]


class Board:
    """The blackboard of a running stack, as its API shows it."""

    def __init__(self, stack: RunningStack, headers: dict[str, str]) -> None:
        self.stack, self.headers = stack, headers

    def look(self) -> dict[str, Any]:
        answer = httpx.get(f"{self.stack.address}/api/v1/blackboard", headers=self.headers, timeout=10)
        shown: dict[str, Any] = answer.json() if answer.status_code == 200 else {"calculators": [], "transitions": []}
        return shown

    def in_role(self, role: str) -> dict[str, Any] | None:
        found = [one for one in self.look()["calculators"] if one["role"] == role and one["lease"]["valid"]]
        return found[0] if found else None

    def changes(self) -> list[str]:
        """What happened, oldest first."""
        return [one["change"] for one in reversed(self.look()["transitions"])]

    def wait_for_a_deputy(self) -> dict[str, Any]:
        """The one that is live, once the other has caught up and is next."""

        def stands_by() -> bool:
            heir = self.in_role("next")
            return self.in_role("live") is not None and heir is not None and heir["ready"]

        self.stack.wait_for(stands_by, 90, "a next calculator that has caught up")
        live = self.in_role("live")
        assert live is not None
        return live

    def ask(self, what: str, **body: Any) -> httpx.Response:
        url = f"{self.stack.address}/api/v1/blackboard/{what}"
        return httpx.post(url, json=body, headers=self.headers, timeout=10)


def seconds_until(condition: Any, *, within_s: float) -> float:
    """How long it took until it came true."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within_s, f"it did not happen within {within_s} s"
        time.sleep(0.02)
    return time.monotonic() - began
