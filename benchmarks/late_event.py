"""One late event for one device, with 1 M and with 10 M events of history: the cost must not grow with history."""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx

from benchmarks.figure import Figure, show
from benchmarks.fleet import write_files
from benchmarks.load import rfc_3339, temperature
from benchmarks.site import Api, fresh_stack
from events.simulation.fleet import START_S
from tests.stack.running import RunningStack

SMALL, LARGE = 1_000_000, 10_000_000
PROBES = 10
LOOK_S = 0.005
HOUR = START_S + 3600


def main(small: int = SMALL, large: int = LARGE, probes: int = PROBES) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, fresh_stack() as stack:
        api, headers = Api(stack), {**stack.gateway(), "Content-Type": "application/x-ndjson"}
        files = write_files(Path(folder), large, at_most=small)
        received = _import(stack, api, files[:1], 0)
        few = _probes(api, headers, range(probes), received)
        received = _import(stack, api, files[1:], received + probes)
        many = _probes(api, headers, range(probes, 2 * probes), received)
    how = (
        f"{probes} probes, from POST of one event deep in its device's past to the corrected window, {{}} events in all"
    )
    ratio = median(many) / median(few)
    return [
        Figure(name="one late event", target=1, values=many, unit="s", how=how.format(f"{large:,}"), lower=True),
        Figure(name="same, small history", target=1, values=few, unit="s", how=how.format(f"{small:,}"), lower=True),
        Figure(name="ratio of the two", target=2, values=[ratio], unit="×", how="of the medians", lower=True),
    ]


def _import(stack: RunningStack, api: Api, files: list[Path], before: int) -> int:
    events = 0
    for file in files:
        events += file.read_bytes().count(b"\n")
        done = stack.manage("import_events", str(file), "--register")
        assert done.returncode == 0, done.stderr
    api.settle(before + events)
    return before + events


def _probes(api: Api, headers: dict[str, str], numbers: range, received: int) -> list[float]:
    return [_probe(api, headers, number, received + n) for n, number in enumerate(numbers)]


def _probe(api: Api, headers: dict[str, str], number: int, received: int) -> float:
    """Seconds until the window of an hour long past holds one event more."""
    device = f"cold-{number + 1:04}"
    api.settle(received)
    time.sleep(1.5)  # no epoch of the probe before is in the way
    before = _count(api, device)
    began = time.perf_counter()
    _send(api, headers, temperature(device, HOUR + 0.5, 4))
    while _count(api, device) != before + 1:
        assert time.perf_counter() - began < 60, "it was never corrected"
        time.sleep(LOOK_S)
    return time.perf_counter() - began


def _count(api: Api, device: str) -> int:
    span = {"from": rfc_3339(HOUR), "to": rfc_3339(HOUR + 3600)}
    windows = api.get("metrics/temperature", device_id=device, resolution="1h", **span)["results"]
    return int(windows[0]["count"]) if windows else 0


def _send(api: Api, headers: dict[str, str], event: bytes) -> None:
    answer = httpx.post(f"{api.stack.address}/api/v1/events", content=event, headers=headers, timeout=30)
    assert answer.status_code == 202, answer.text


if __name__ == "__main__":
    show(main(*map(int, sys.argv[1:])))
