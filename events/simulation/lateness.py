"""How late events of real devices are: a sampler for the measured model in `lateness_model.json`. Pure.

The model was fitted on public data sets; every link class names its own under `from` and carries the quantiles that
were measured there. Times are seconds, in doubles.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

Seconds = NDArray[np.float64]
MODEL = Path(__file__).with_name("lateness_model.json")


@cache
def model() -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads(MODEL.read_bytes())
    return loaded


def link_class(name: str) -> dict[str, Any]:
    found: dict[str, Any] = model()["link_classes"][name]
    return found


def draw(rng: np.random.Generator, dist: Mapping[str, Any], count: int) -> Seconds:
    """`count` independent values of a distribution of the model."""
    return _DRAWN_BY[dist["dist"]](rng, dist, count)


def arrivals(observed: Seconds, link: Mapping[str, Any], rng: np.random.Generator) -> Seconds:
    """Arrival times of one device's events, given their true times in ascending order.

    What happens during an outage leaves at its end; a link with `drain_rows_per_s` is one queue that empties at this
    rate, oldest first; other links keep the order unless they say `fifo: false`; a share `p_reorder` is overtaken.
    """
    ready = _after_outages(observed, link.get("outages"), rng) + draw(rng, link["base"], len(observed))
    arrived = _queued(ready, link)
    overtaken = rng.random(len(observed)) < link.get("p_reorder", 0)
    if overtaken.any():
        arrived[overtaken] += draw(rng, link["reorder"], int(overtaken.sum()))
    return arrived


def _queued(ready: Seconds, link: Mapping[str, Any]) -> Seconds:
    rate = link.get("drain_rows_per_s")
    if rate:
        # a[i] = max(ready[i], a[i - 1] + 1 / rate), without the loop.
        slots = np.arange(len(ready)) / rate
        queued: Seconds = np.maximum.accumulate(ready - slots) + slots
        return queued
    return np.maximum.accumulate(ready) if link.get("fifo", True) else ready


def _after_outages(observed: Seconds, outages: Mapping[str, float] | None, rng: np.random.Generator) -> Seconds:
    ready = observed.copy()
    if not outages or not len(observed):
        return ready
    start: float = observed[0]
    while start < observed[-1]:
        start += rng.exponential(3600 / outages["per_hour"])
        lasts = outages["median_s"] * np.exp(outages["sigma"] * rng.standard_normal())
        end = start + min(lasts, outages.get("cap_s", np.inf))
        ready[(ready >= start) & (ready < end)] = end
        start = end
    return ready


def _loglogistic(rng: np.random.Generator, dist: Mapping[str, Any], count: int) -> Seconds:
    share = rng.random(count)
    values: Seconds = dist.get("shift", 0) + dist["scale"] * (share / (1 - share)) ** (1 / dist["shape"])
    return values


def _lognormal(rng: np.random.Generator, dist: Mapping[str, Any], count: int) -> Seconds:
    values: Seconds = dist.get("shift", 0) + dist["median"] * np.exp(dist["sigma"] * rng.standard_normal(count))
    return values


def _weibull(rng: np.random.Generator, dist: Mapping[str, Any], count: int) -> Seconds:
    values: Seconds = dist.get("shift", 0) + dist["scale"] * rng.weibull(dist["shape"], count)
    return values


def _mix(rng: np.random.Generator, dist: Mapping[str, Any], count: int) -> Seconds:
    weights = np.array([part["w"] for part in dist["of"]])
    chosen = rng.choice(len(weights), count, p=weights / weights.sum())
    values = np.empty(count)
    for number, part in enumerate(dist["of"]):
        values[chosen == number] = draw(rng, part, int((chosen == number).sum()))
    capped: Seconds = np.minimum(values, dist.get("cap", np.inf))
    return capped


_DRAWN_BY = {"loglogistic": _loglogistic, "lognormal": _lognormal, "weibull": _weibull, "mix": _mix}
