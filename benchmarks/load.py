"""A steady load of live events, in a thread of its own, until it is left."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx

TICK_S = 0.05
DEVICES = 1000


def rfc_3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def temperature(device_id: str, at: float, value: float) -> bytes:
    event = {
        "device_id": device_id,
        "event_type": "temperature",
        "observed_at": rfc_3339(at),
        "payload": {"value": value},
    }
    return json.dumps(event).encode()


class Load:
    """Posts `rate` events a second; `sent` were acknowledged so far, `behind_s` is how late it got at worst."""

    def __init__(self, address: str, headers: dict[str, str], rate: int) -> None:
        self.address, self.rate = address, rate
        self.headers = {**headers, "Content-Type": "application/x-ndjson"}
        self.sent, self.behind_s = 0, 0.0
        self._stopping = threading.Event()

    def run(self) -> None:
        each, began, tick = round(self.rate * TICK_S), time.monotonic(), 0
        with httpx.Client(headers=self.headers, timeout=30) as client:
            while not self._stopping.is_set():
                answer = client.post(f"{self.address}/api/v1/events", content=self._body(each))
                assert answer.status_code == 202, answer.text
                self.sent += each
                tick += 1
                ahead = began + tick * TICK_S - time.monotonic()
                self.behind_s = max(self.behind_s, -ahead)
                time.sleep(max(0.0, ahead))

    def stop(self) -> None:
        self._stopping.set()

    def _body(self, events: int) -> bytes:
        now = time.time()
        devices = ((self.sent + n) % DEVICES for n in range(events))
        return b"\n".join(temperature(f"load-{device}", now, device / 10) for device in devices)


@contextmanager
def steady(address: str, headers: dict[str, str], rate: int) -> Iterator[Load]:
    load = Load(address, headers, rate)
    thread = threading.Thread(target=load.run, daemon=True)
    thread.start()
    try:
        yield load
    finally:
        load.stop()
        thread.join()
