"""With a month of 10,000 devices behind it: one event 30 days late, what other readers feel, and a restart."""

import os
import signal
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figure import Figure, show
from benchmarks.load import rfc_3339, temperature
from benchmarks.reads import Reads, reading
from benchmarks.rules import RULES, create_rules
from benchmarks.site import Api, fresh_stack
from events.simulation.fleet import START_S, generate, interval_for
from tests.stack.running import RunningStack

EVENTS = 10_000_000
DEVICES = 10_000
DAYS = 30
PROBES = 20
READS = 20
QUIET_S = 20
RESTARTS = 5
DEEP = START_S + 1800
PATHS = (
    "dashboard/metrics",
    "metrics/temperature?device_id=cold-0001&resolution=1h",
    "metrics/location?device_id=cold-0003&resolution=1d",
    "events?device_id=room-0004&order=desc&limit=50",
)


def main(events: int = EVENTS, probes: int = PROBES) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, fresh_stack() as stack:
        api = Api(stack)
        create_rules(stack, api.headers, tuple(rule for rule in RULES if rule["kind"] != "no_data"))
        received = _import(stack, api, Path(folder), events)
        late, reads, began = _late(stack, api, probes, received)
        restarts = [_restart(api) for _ in range(RESTARTS)]
    quiet, busy = reads.percentile(0.99, until=began), reads.percentile(0.99, began)
    past = f"{events:,} events of {DEVICES:,} devices over {DAYS} days, 18 rules"
    how = f"{probes} events, each 30 days late, one device each, from POST to the corrected window; {past}"
    return [
        Figure(name="one event 30 days late", target=2, values=late, unit="s", how=how, lower=True),
        Figure(
            name="p99 of other reads meanwhile ÷ without",
            target=1.5,
            values=[busy / quiet],
            unit="×",
            how=f"{READS} reads/s; without: {quiet:.3f} s",
            lower=True,
        ),
        Figure(
            name="restart of a calculator",
            target=2,
            values=restarts,
            unit="s",
            how=f"SIGKILL to an open door and a place on the blackboard; {past}",
            lower=True,
        ),
    ]


def _import(stack: RunningStack, api: Api, folder: Path, events: int) -> int:
    interval_s = interval_for(DEVICES, events / (DAYS * 86_400))
    lines = (line for _, line in generate(DEVICES, events, 0.1, 1, interval_s=interval_s, stamped=False))
    number = 0
    while part := list(islice(lines, 1_000_000)):
        file = folder / f"{number}.ndjson"
        file.write_bytes(b"\n".join(part) + b"\n")
        done = stack.manage("import_events", str(file), "--register")
        assert done.returncode == 0, done.stderr
        file.unlink()
        number += 1
    api.settle(events, timeout_s=1800)
    return events


def _late(stack: RunningStack, api: Api, probes: int, received: int) -> tuple[list[float], Reads, float]:
    headers = {**stack.gateway(), "Content-Type": "application/x-ndjson"}
    with reading(stack.address, api.headers, READS, PATHS) as reads:
        time.sleep(QUIET_S)
        began = time.monotonic()
        late = [_probe(api, headers, number, received + number) for number in range(probes)]
    assert not reads.failed, reads.failed[:3]
    return late, reads, began


def _probe(api: Api, headers: dict[str, str], number: int, received: int) -> float:
    device = f"cold-{number + 1:04}"
    api.settle(received)
    time.sleep(1)
    before, began = _count(api, device), time.perf_counter()
    answer = httpx.post(
        f"{api.stack.address}/api/v1/events", content=temperature(device, DEEP + 0.5, 4), headers=headers, timeout=30
    )
    assert answer.status_code == 202, answer.text
    while _count(api, device) != before + 1:
        assert time.perf_counter() - began < 60, "it was never corrected"
        time.sleep(0.005)
    return time.perf_counter() - began


def _count(api: Api, device: str) -> int:
    span = {"from": rfc_3339(START_S), "to": rfc_3339(START_S + 86_400)}
    windows = api.get("metrics/temperature", device_id=device, resolution="1d", **span)["results"]
    return int(windows[0]["count"]) if windows else 0


def _restart(api: Api) -> float:
    """Seconds from the death of a calculator until its next process is on the blackboard, its door open."""
    victim = _calculators(api)[0]
    os.kill(victim["pid"], signal.SIGKILL)
    began = time.perf_counter()
    while True:
        found = next((one for one in _calculators(api) if one["id"] == victim["id"]), None)
        if found and found["pid"] != victim["pid"]:
            break
        assert time.perf_counter() - began < 120, "it never came back"
        time.sleep(0.01)
    seconds = time.perf_counter() - began
    time.sleep(10)
    return seconds


def _calculators(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("blackboard")["calculators"]
    return found


if __name__ == "__main__":
    show(main(*map(int, sys.argv[1:])))
