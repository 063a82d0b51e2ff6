"""At 1,000 events/s: how long until a new event is visible in the API, and until a late one has corrected it."""

import random
import sys
import time
from collections.abc import Callable

import httpx

from benchmarks.figure import Figure, percentile, show
from benchmarks.load import steady, temperature
from benchmarks.site import Api, fresh_stack
from tests.stack.running import RunningStack

RATE = 1000
PROBES = 200
HOUR_S = 3600
LOOK_S = 0.005
PATIENCE_S = 30


def main(probes: int = PROBES) -> list[Figure]:
    with fresh_stack() as stack:
        api, gateway = Api(stack), stack.gateway()
        prober = Prober(stack, api, gateway)
        known = prober.prepare(probes)
        with steady(stack.address, gateway, RATE) as load:
            time.sleep(5)
            fresh = [prober.new(n) for n in range(probes)]
            late = [prober.late(n) for n in range(probes)]
        api.settle(load.sent + known + 2 * probes)
        assert load.behind_s < 5, f"the load fell {load.behind_s:.1f} s behind: {RATE} events/s were not reached"
    how = f"{probes} probes at random moments, {RATE:,} events/s beside them, from POST to the answer that shows it"
    return [*_figures("event → visible", fresh, 0.3, 1, how), *_figures("late event → corrected", late, 0.5, 2, how)]


def _figures(name: str, seconds: list[float], p50: float, p99: float, how: str) -> list[Figure]:
    return [
        Figure(
            name=f"{name}, {title}", target=target, values=[percentile(seconds, share)], unit="s", how=how, lower=True
        )
        for title, share, target in (("p50", 0.5, p50), ("p99", 0.99, p99))
    ]


class Prober:
    """Each probe has a device of its own, which was heard of an hour ago and just now."""

    def __init__(self, stack: RunningStack, api: Api, gateway: dict[str, str]) -> None:
        self.api, self.address = api, f"{stack.address}/api/v1/events"
        self.hour = time.time() // HOUR_S * HOUR_S - HOUR_S
        self.chance = random.Random(1)
        self._client = httpx.Client(headers={**gateway, "Content-Type": "application/x-ndjson"}, timeout=30)

    def prepare(self, probes: int) -> int:
        """Gives every probe device its past; how many events that took."""
        times = (self.hour + 60, time.time() - 1)
        self._send(b"\n".join(temperature(f"probe-{n}", at, 20) for n in range(probes) for at in times))
        self.api.settle(2 * probes)
        return 2 * probes

    def new(self, n: int) -> float:
        """Seconds until a new reading is in the list of events."""
        now = time.time()

        def seen() -> bool:
            found = self.api.get("events", device_id=f"probe-{n}", order="desc", limit=1)["results"]
            return bool(found[0]["value"] == 21)

        return self._until(temperature(f"probe-{n}", now, 21), seen)

    def late(self, n: int) -> float:
        """Seconds until a reading of the last hour is in the window of its hour."""

        def corrected() -> bool:
            windows = self.api.get("metrics/temperature", device_id=f"probe-{n}", resolution="1h")["results"]
            return bool(windows[0]["count"] == 2 and windows[0]["max"] == 22)

        return self._until(temperature(f"probe-{n}", self.hour + 30, 22), corrected)

    def _until(self, event: bytes, seen: Callable[[], bool]) -> float:
        time.sleep(self.chance.uniform(0.02, 0.15))
        began = time.perf_counter()
        self._send(event)
        while not seen():
            assert time.perf_counter() - began < PATIENCE_S, "it was never seen"
            time.sleep(LOOK_S)
        return time.perf_counter() - began

    def _send(self, body: bytes) -> None:
        answer = self._client.post(self.address, content=body)
        assert answer.status_code == 202, answer.text


if __name__ == "__main__":
    show(main(*map(int, sys.argv[1:])))
