"""The live calculator is killed again and again under load: when new events are visible, and what readers feel."""

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from benchmarks.figure import Figure, percentile, show
from benchmarks.load import steady, temperature
from benchmarks.reads import Reads, reading
from benchmarks.rules import create_rules
from benchmarks.site import Api, fresh_stack
from tests.stack.running import RunningStack

TIMES = 50
RATE, READS = 5_000, 50
REST_S = 3.0
SHOWN = 5
PATHS = (
    "dashboard/metrics",
    "ledger",
    "events?device_id=load-7&order=desc&limit=20",
    "metrics/temperature?device_id=load-8&resolution=1m",
    "dashboard/alerts?state=open&limit=50",
)
HOT = {
    "name": "hot",
    "kind": "threshold",
    "event_type": "temperature",
    "severity": "critical",
    "parameters": {"operator": ">", "value": 95},
    "scope": {},
}
ENVIRONMENT = {"IOT_NOTIFYING__ALLOW_PRIVATE": "true"}


@dataclass(frozen=True, slots=True)
class Run:
    """`gaps` in seconds, one for each kill; how often each notification was heard; what the readers saw."""

    gaps: list[float]
    heard: Counter[str]
    reads: Reads


def main(times: int = TIMES) -> list[Figure]:
    run = _run(times)
    how = f"{times} times SIGKILL for the live one under {RATE:,} events/s and {READS} reads/s"
    slowest = ", ".join(f"{gap:.2f}" for gap in sorted(run.gaps, reverse=True)[:SHOWN])
    visible = f"{how}; from the kill to the first answer with an event posted after it; the slowest: {slowest} s"
    told = f"{len(run.heard):,} notifications by webhook, told apart by their key; ledger exact, verify_views clean"
    return [
        _figure("failover, p99", percentile(run.gaps, 0.99), visible, target=1, unit="s"),
        _figure("failover, p50", percentile(run.gaps, 0.5), visible, target=1, unit="s"),
        _figure("failed reads", len(run.reads.failed), how),
        _figure("notified twice", sum(count - 1 for count in run.heard.values()), told),
    ]


def _figure(name: str, value: float, how: str, *, target: float = 0, unit: str = "") -> Figure:
    return Figure(name=name, target=target, values=[value], unit=unit, how=how, lower=True)


def _run(times: int) -> Run:
    """Kill after kill; then everything that was sent must be there once, and every view right."""
    with fresh_stack(ENVIRONMENT) as stack, _listener() as (address, heard):
        api, gateway = Api(stack), stack.gateway()
        _announce(stack, api, address)
        create_rules(stack, api.headers, (HOT,))
        kills = Kills(stack, api, gateway)
        kills.wait_for_next()
        with (
            steady(stack.address, gateway, RATE) as load,
            reading(stack.address, api.headers, READS, PATHS) as reads,
        ):
            time.sleep(5)
            gaps = [kills.once(n) for n in range(times)]
        ledger = api.settle(load.sent + kills.sent)
        assert ledger["duplicate"] == 0, ledger
        assert stack.manage("verify_views").returncode == 0, "verify_views found a difference"
    return Run(gaps, heard, reads)


class Kills:
    """Kills whoever is live and looks for an event that was posted afterwards."""

    def __init__(self, stack: RunningStack, api: Api, gateway: dict[str, str]) -> None:
        self.stack, self.api, self.sent = stack, api, 0
        self._client = httpx.Client(
            base_url=stack.address, headers={**gateway, "Content-Type": "application/x-ndjson"}, timeout=30
        )

    def once(self, n: int) -> float:
        """Seconds from the kill until an event posted right after it is in an answer."""
        self.wait_for_next()
        time.sleep(REST_S)
        os.kill(self._held("live")["pid"], signal.SIGKILL)
        began = time.perf_counter()
        device = f"probe-{n}"
        answer = self._client.post("/api/v1/events", content=temperature(device, time.time(), 21))
        assert answer.status_code == 202, answer.text
        self.sent += 1
        while not self.api.get("events", device_id=device, limit=1)["results"]:
            assert time.perf_counter() - began < 60, "it was never seen"
            time.sleep(0.005)
        return time.perf_counter() - began

    def wait_for_next(self) -> None:
        self.stack.wait_for(self._next_is_ready, 60, "a next calculator that has caught up")

    def _next_is_ready(self) -> bool:
        held = self._held("next")
        return bool(held and held["tether_events"] < RATE)

    def _held(self, role: str) -> dict[str, Any]:
        found = self.api.get("blackboard")["calculators"]
        return next((one for one in found if one["role"] == role), {})


@contextmanager
def _listener() -> Iterator[tuple[str, Counter[str]]]:
    """A webhook receiver on loopback; how often each idempotency key was heard."""
    heard: Counter[str] = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            heard[self.headers["Idempotency-Key"]] += 1
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/alerts", heard
    finally:
        server.shutdown()


def _announce(stack: RunningStack, api: Api, address: str) -> None:
    channel = {"name": "counter", "kind": "webhook", "target": {"url": address}, "enabled": True}
    answer = httpx.post(f"{stack.address}/api/v1/channels", json=channel, headers=api.headers, timeout=30)
    assert answer.status_code == 201, answer.text


if __name__ == "__main__":
    show(main(*map(int, sys.argv[1:])))
