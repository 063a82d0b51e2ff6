"""The same import without rules and with 20 of them over all 1,000 devices; how much of the rate is left."""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from benchmarks.figure import Figure, show
from benchmarks.fleet import write_files
from benchmarks.site import Api, fresh_stack
from tests.stack.running import RunningStack

EVENTS = 1_000_000
RUNS = 3
LONG_AGO = "2025-12-01T00:00:00Z"
ROTTERDAM = {
    "type": "Polygon",
    "coordinates": [[[4.46, 51.91], [4.50, 51.91], [4.50, 51.94], [4.46, 51.94], [4.46, 51.91]]],
}

_KINDS: tuple[tuple[str, str | None, dict[str, Any]], ...] = (
    ("threshold", "temperature", {"operator": ">", "value": 24}),
    ("threshold", "temperature", {"operator": ">", "value": 30, "for_s": 600}),
    ("threshold", "temperature", {"operator": ">", "value": 8, "clear_value": 6}),
    ("threshold", "temperature", {"operator": "<", "value": 0, "for_s": 300}),
    ("threshold", "temperature", {"operator": "<=", "value": -10}),
    ("range", "temperature", {"low": -20, "high": 35}),
    ("range", "temperature", {"low": -5, "high": 28, "for_s": 900}),
    ("rate_of_change", "temperature", {"limit": 5, "per_s": 60}),
    ("threshold", "humidity", {"operator": ">", "value": 85}),
    ("threshold", "humidity", {"operator": "<", "value": 20, "for_s": 1800}),
    ("range", "humidity", {"low": 10, "high": 95}),
    ("threshold", "co2", {"operator": ">", "value": 1200, "for_s": 600}),
    ("threshold", "co2", {"operator": ">=", "value": 2000, "clear_value": 1500}),
    ("rate_of_change", "co2", {"limit": 400, "per_s": 60}),
    ("battery", "battery", {"below": 15}),
    ("threshold", "battery", {"operator": "<", "value": 30}),
    ("geofence", "location", {"polygon": ROTTERDAM, "when": "inside"}),
    ("geofence", "location", {"polygon": ROTTERDAM, "when": "outside", "for_s": 3600}),
    ("no_data", None, {"after_s": 1800}),
    ("no_data", "temperature", {"after_s": 3600}),
)
RULES = tuple(
    {
        "name": f"{kind} {number}",
        "kind": kind,
        "event_type": event_type,
        "severity": "warning",
        "parameters": parameters,
        "scope": {},
        "effective_from": LONG_AGO,
    }
    for number, (kind, event_type, parameters) in enumerate(_KINDS, 1)
)


def main(events: int = EVENTS, runs: int = RUNS) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        files = write_files(Path(folder), events)
        pairs = [(_rate(files, events, rules=False), _rate(files, events, rules=True)) for _ in range(runs)]
    plain, ruled = zip(*pairs, strict=True)
    share = median(ruled) / median(plain)
    how = f"{events:,} events of 1,000 devices, 10 % late, {len(RULES)} rules of every kind; {runs} runs each, in turn"
    return [
        Figure(name="rate with 20 rules ÷ without", target=0.8, values=[share], unit="×", how=f"of the medians; {how}"),
        Figure(name="import with 20 rules → answerable", target=60_000, values=ruled, unit="events/s", how=how),
    ]


def create_rules(stack: RunningStack, headers: dict[str, str], rules: tuple[dict[str, Any], ...] = RULES) -> None:
    for rule in rules:
        answer = httpx.post(f"{stack.address}/api/v1/rules", json=rule, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text


def _rate(files: list[Path], events: int, *, rules: bool) -> float:
    with fresh_stack({"IOT_ALERTS__MOST_PER_RULE": "1000000"}) as stack:
        api = Api(stack)
        if rules:
            create_rules(stack, api.headers)
        began = time.perf_counter()
        done = stack.manage("import_events", *map(str, files), "--register")
        assert done.returncode == 0, done.stderr
        api.settle(events)
        return events / (time.perf_counter() - began)


if __name__ == "__main__":
    show(main(*map(int, sys.argv[1:])))
