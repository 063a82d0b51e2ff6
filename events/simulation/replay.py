"""Recorded data as if it happened now: the same events in the same order, at a chosen speed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute
from numpy.typing import NDArray

from events.importing.files import open_source
from events.importing.mapping import load_mapping
from events.simulation.chance import Doubles, Wholes
from events.simulation.fleet import Burst
from events.simulation.lateness import arrivals, link_class
from events.simulation.writing import milliseconds, time_texts

# The type stubs of pyarrow are behind it and refuse most of what its compute functions take.
pa: Any = pyarrow
pc: Any = pyarrow.compute

SETS = {"campusiot": "campusiot_helium", "capmetro": "capmetro_bus"}
WITHOUT_ARRIVAL = {"capmetro": "cellular_gprs_good"}
"""Sets that do not know when their events arrived, and the link class by which that is made up."""

LONGEST_SILENCE_S = 900.0
AT_ONCE = 20_000
_OBSERVED, _RECEIVED = '"observed_at":"', '","received_at":"'
_TIME = len("2026-01-01T00:00:00.000Z")


@dataclass(frozen=True, slots=True)
class Recording:
    """Events in order of arrival. Times in seconds since 1970; `heads` and `tails` are their lines around the times."""

    devices: list[str]
    heads: Any
    tails: Any
    observed: Doubles
    received: Doubles


def load(name: str, folder: Path, seed: int) -> Recording:
    """The recording of that name from the folder of the sample data, whose mapping must give both times."""
    data = folder / SETS[name]
    source = open_source(data / "events.csv.gz", load_mapping(data / "mapping.yaml"))
    pieces = [_cut(line.decode()) for block in source.blocks for line in block.lines]
    heads, observed_texts, received_texts, tails = (pa.array(column) for column in zip(*pieces, strict=True))
    device = pc.list_element(pc.split_pattern(heads, '"', max_splits=4), 3).dictionary_encode()
    observed, received = _seconds(observed_texts), _seconds(received_texts)
    if name in WITHOUT_ARRIVAL:
        number = device.indices.to_numpy().astype(np.int64)
        received = delivery(number, observed, WITHOUT_ARRIVAL[name], seed)
    order = np.argsort(received, kind="stable")
    rows = pa.array(order)
    return Recording(
        device.dictionary.to_pylist(), heads.take(rows), tails.take(rows), observed[order], received[order]
    )


def _cut(line: str) -> tuple[str, str, str, str]:
    """What stands before the time of observation, both times without their Z, and what stands behind."""
    head, rest = line.split(_OBSERVED, 1)
    received = _TIME + len(_RECEIVED)
    return head, rest[: _TIME - 1], rest[received : received + _TIME - 1], rest[received + _TIME :]


def delivery(device: Wholes, observed: Doubles, link: str, seed: int) -> Doubles:
    """Arrival times made up from the lateness model: each device's events, in order of observation, over one link."""
    order = np.lexsort((observed, device))
    starts = np.flatnonzero(np.diff(device[order], prepend=-1))
    received = np.empty(len(observed))
    for rows in np.split(order, starts[1:]):
        rng = np.random.default_rng([seed, int(device[rows[0]])])
        received[rows] = _over_days(observed[rows], link, rng)
    return received


def _over_days(observed: Doubles, link: str, rng: np.random.Generator) -> Doubles:
    """Stretch by stretch, where a stretch ends with an hour of silence: nobody makes up outages for years of it."""
    ends = np.flatnonzero(np.diff(observed) > 3600) + 1
    return np.concatenate([arrivals(part, link_class(link), rng) for part in np.split(observed, ends)])


def bursts(recording: Recording, *, start_s: float, speed: float) -> Iterator[Burst]:
    """The recording from `start_s` on, `speed` times as fast; silences longer than a quarter of an hour are cut.

    Times of observation and of arrival go through the same rising map, so every order between them stays.
    """
    clock = _Clock(np.concatenate([recording.observed, recording.received]), start_s, speed)
    for first in range(0, len(recording.received), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        observed, received = clock.at(recording.observed[part]), clock.at(recording.received[part])
        times = [time_texts(milliseconds(observed)), f"Z{_RECEIVED}", time_texts(milliseconds(received)), "Z"]
        heads, tails = recording.heads.slice(first, AT_ONCE), recording.tails.slice(first, AT_ONCE)
        lines = pc.binary_join_element_wise(heads, _OBSERVED, *times, tails, "")
        yield Burst(milliseconds(received), lines)


class _Clock:
    """Maps recorded times to played ones, rising, without the long silences."""

    def __init__(self, times: Doubles, start_s: float, speed: float) -> None:
        self._recorded = np.unique(times)
        steps = np.minimum(np.diff(self._recorded, prepend=self._recorded[0]), LONGEST_SILENCE_S)
        self._played = start_s + np.cumsum(steps) / speed

    def at(self, times: Doubles) -> NDArray[np.float64]:
        return np.interp(times, self._recorded, self._played)


def _seconds(texts: Any) -> Doubles:
    stamps = pc.cast(texts, pa.timestamp("ms")).cast(pa.int64()).to_numpy()
    return np.asarray(stamps / 1000, dtype=np.float64)
