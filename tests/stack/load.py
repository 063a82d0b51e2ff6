"""Devices that keep sending, late and doubled now and then, and remember what was acknowledged."""

import json
import random
import threading
import time
from datetime import UTC, datetime

import httpx


class Sender(threading.Thread):
    """Posts batches until stopped. A batch without an answer is sent again: its events have ids."""

    def __init__(self, address: str, headers: dict[str, str], seed: int, *, rest_s: float = 0.02) -> None:
        super().__init__(name=f"sender-{seed}", daemon=True)
        self.address, self.headers, self.seed, self.rest_s = address, headers, seed, rest_s
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()
        self._stopping = threading.Event()
        self._chance = random.Random(seed)

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        with httpx.Client(headers={**self.headers, "Content-Type": "application/x-ndjson"}, timeout=10) as client:
            number = 0
            while not self._stopping.is_set():
                ids = [f"{self.seed}.{number}.{n}" for n in range(self._chance.choice([1, 20, 200]))]
                self._deliver(client, ids)
                number += 1
                time.sleep(self.rest_s)

    def _deliver(self, client: httpx.Client, ids: list[str]) -> None:
        body = b"\n".join(self.event(event_id) for event_id in ids)
        self.sent.update(ids)
        for _ in range(2):
            try:
                answer = client.post(f"{self.address}/api/v1/events", content=body)
            except httpx.HTTPError:
                continue
            if answer.status_code == 202:
                assert answer.json()["accepted"] == len(ids), answer.text
                self.acknowledged.update(ids)
                return
            assert answer.status_code in (401, 429, 503), answer.text

    def event(self, event_id: str) -> bytes:
        late_s = self._chance.choice([0, 0, 0, self._chance.randrange(7200)])
        moment = datetime.fromtimestamp(time.time() - late_s, UTC)
        event = {
            "device_id": f"load-{self.seed}-{self._chance.randrange(20)}",
            "event_type": "temperature",
            "event_id": event_id,
            "observed_at": moment.isoformat(timespec="milliseconds"),
            "payload": {"value": self._chance.randrange(400) / 10},
        }
        return json.dumps(event).encode()
