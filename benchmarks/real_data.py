"""What the sample data shows about lateness, and what a calculation in order of arrival makes of it.

    python benchmarks/real_data.py

prints the tables of `docs/real-data.md`. Everything is computed from the CSV files with plain Python and shares no code
with the views; only CapMetro's order of delivery, which nobody recorded, comes from the lateness model.
"""

import csv
import gzip
import os
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iotproject.settings")

EARTH_M = 6_371_008.8
GRACE_MS = 120_000
MINUTE_MS = 60_000
SEED = 1
UNKNOWN = 0


class Reading(NamedTuple):
    """One event of one kind. Times in milliseconds; `row` is the order of the file."""

    observed: int
    received: int
    row: int
    value: tuple[float, ...]


Histories = dict[tuple[str, str], list[Reading]]
"""The events of each device and kind, in order of arrival."""


@dataclass
class Score:
    """How many of how many rows an arrival-order calculation gets wrong."""

    wrong: int = 0
    of: int = 0

    def note(self, wrong: bool) -> None:
        self.wrong += wrong
        self.of += 1

    def __str__(self) -> str:
        return f"{self.wrong:,} of {self.of:,} ({self.wrong / max(self.of, 1):.2%})"


@dataclass
class Findings:
    events: int = 0
    late: int = 0
    behind_ms: list[int] = field(default_factory=list)
    dropped: int = 0
    dropped_by_one_clock: int | None = None
    latest: Score = field(default_factory=Score)
    minutes: Score = field(default_factory=Score)
    hours: Score = field(default_factory=Score)
    days: Score = field(default_factory=Score)
    wrong_ms: int = 0
    true_m: float = 0.0
    arrival_m: float = 0.0


def main() -> None:
    sets = {
        "campusiot_helium, as recorded": campusiot(),
        "capmetro_bus, delivered over a modelled cellular link": capmetro_delivered(),
        "capmetro_bus, in the order of the published files": capmetro_published(),
    }
    for name, histories in sets.items():
        print(f"\n{name}\n" + "\n".join(table(judge(histories))))


def campusiot() -> Histories:
    """Temperature, humidity and position, as they arrived at the archive."""
    histories: Histories = defaultdict(list)
    for row in rows("campusiot_helium"):
        received, observed, number = milliseconds(row["arrival_ts"]), milliseconds(row["event_ts"]), int(row["row"])
        for kind, columns in (
            ("temperature", ["temperature_c"]),
            ("humidity", ["humidity_pct"]),
            ("location", ["lat", "lon"]),
        ):
            if all(row[column] for column in columns):
                value = tuple(float(row[column]) for column in columns)
                histories[row["device_id"], kind].append(Reading(observed, received, number, value))
    return histories


def capmetro_delivered() -> Histories:
    """Positions of buses, delivered as the model of a cellular link says: the data itself has no arrival times."""
    import numpy as np

    from events.simulation.replay import WITHOUT_ARRIVAL, delivery

    found = list(_positions())
    numbers = {device: number for number, device in enumerate(dict.fromkeys(device for device, _ in found))}
    received = delivery(
        np.array([numbers[device] for device, _ in found]),
        np.array([reading.observed / 1000 for _, reading in found]),
        WITHOUT_ARRIVAL["capmetro"],
        SEED,
    )
    histories: Histories = defaultdict(list)
    for place in np.argsort(received, kind="stable").tolist():
        device, reading = found[place]
        histories[device, "location"].append(reading._replace(received=int(received[place] * 1000)))
    return histories


def capmetro_published() -> Histories:
    """The same in the order of the files, which is by trip: what a back-fill from the publisher would feed in."""
    histories: Histories = defaultdict(list)
    for device, reading in _positions():
        histories[device, "location"].append(reading)
    return histories


def _positions() -> Iterator[tuple[str, Reading]]:
    for row in rows("capmetro_bus"):
        value = (float(row["lat"]), float(row["lon"]))
        yield row["device_id"], Reading(milliseconds(row["event_ts"]), UNKNOWN, int(row["row"]), value)


def rows(name: str) -> Any:
    with gzip.open(ROOT / "sample_data" / name / "events.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)


def judge(histories: Histories) -> Findings:
    found = Findings()
    for (_, kind), arrived in histories.items():
        _lateness(found, arrived)
        _latest(found, arrived)
        for size, score in ((MINUTE_MS, found.minutes), (60 * MINUTE_MS, found.hours), (1440 * MINUTE_MS, found.days)):
            _windows(score, arrived, size)
        found.dropped += len(arrived) - len(_kept_with_grace(arrived))
        if kind == "location":
            found.true_m += distance(sorted(arrived))
            found.arrival_m += distance(arrived)
    together = [reading for arrived in histories.values() for reading in arrived]
    if all(reading.received != UNKNOWN for reading in together):
        together.sort(key=lambda reading: (reading.received, reading.row))
        found.dropped_by_one_clock = len(together) - len(_kept_with_grace(together))
    return found


def _lateness(found: Findings, arrived: list[Reading]) -> None:
    """Late: observed before something of the same device and kind that has already arrived."""
    head = -1
    for reading in arrived:
        found.events += 1
        if reading.observed < head:
            found.late += 1
            found.behind_ms.append(head - reading.observed)
        head = max(head, reading.observed)


def _latest(found: Findings, arrived: list[Reading]) -> None:
    """After every event: is the one that was written last also the one that was observed last? For how long not?"""
    head, wrong_since = -1, None
    for reading in arrived:
        if wrong_since is not None:
            found.wrong_ms += reading.received - wrong_since
        head = max(head, reading.observed)
        wrong = reading.observed < head
        found.latest.note(wrong)
        wrong_since = reading.received if wrong else None


def _windows(score: Score, arrived: list[Reading], size: int) -> None:
    """Windows as a stream processor makes them: an event that comes two minutes after its window's end is dropped."""
    true: dict[int, list[Reading]] = defaultdict(list)
    for reading in arrived:
        true[reading.observed // size].append(reading)
    streamed: dict[int, list[Reading]] = defaultdict(list)
    head = -1
    for reading in arrived:
        head = max(head, reading.observed)
        if (reading.observed // size + 1) * size + GRACE_MS > head:
            streamed[reading.observed // size].append(reading)
    for window, readings in true.items():
        ordered, written = sorted(readings), streamed[window]
        complete = len(written) == len(ordered)
        # Count, sum, least and greatest are right once nothing is missing; first and last must also be the right ones.
        score.note(
            not complete or written[0].observed != ordered[0].observed or written[-1].observed != ordered[-1].observed
        )


def _kept_with_grace(arrived: list[Reading]) -> list[Reading]:
    """What a one-minute window with two minutes of grace takes, when its clock is the newest event of `arrived`."""
    heads: list[int] = []
    for reading in arrived:
        heads.append(max(heads[-1] if heads else -1, reading.observed))
    ends = ((reading.observed // MINUTE_MS + 1) * MINUTE_MS + GRACE_MS for reading in arrived)
    return [reading for reading, head, end in zip(arrived, heads, ends, strict=True) if end > head]


def distance(readings: list[Reading]) -> float:
    """Metres along these positions, leg by leg."""
    points = [reading.value for reading in readings]
    return sum(_leg(a, b) for a, b in pairwise(points))


def _leg(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    north, east = radians(b[0] - a[0]), radians(b[1] - a[1])
    chord = sin(north / 2) ** 2 + cos(radians(a[0])) * cos(radians(b[0])) * sin(east / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(chord)))


def table(found: Findings) -> list[str]:
    behind = sorted(found.behind_ms)
    over = {name: len(behind) - bisect_left(behind, ms) for name, ms in (("1 min", 60_000), ("1 h", 3_600_000))}
    lengths = [
        f"events                                    {found.events:,}",
        f"late                                      {found.late:,} ({found.late / found.events:.3%})",
        f"behind by: median, 90 %, most             {', '.join(_seconds(behind, share) for share in (0.5, 0.9, 1.0))}",
        f"behind by 1 min or more, 1 h or more      {over['1 min']:,}, {over['1 h']:,}",
        f"dropped: 2 min grace, a clock a device    {found.dropped:,}",
        f"dropped: 2 min grace, one clock for all   {_or_dash(found.dropped_by_one_clock)}",
        f"latest reading wrong, after an event      {found.latest}",
        f"latest reading wrong, device hours        {_hours(found.wrong_ms)}",
        f"rollups wrong, 1 min                      {found.minutes}",
        f"rollups wrong, 1 h                        {found.hours}",
        f"rollups wrong, 1 d                        {found.days}",
    ]
    gained = found.arrival_m - found.true_m
    return [
        *lengths,
        f"distance in order of observation          {found.true_m / 1000:,.1f} km",
        f"distance in order of arrival              {found.arrival_m / 1000:,.1f} km ({gained / found.true_m:+.2%})",
    ]


def _seconds(behind: list[int], share: float) -> str:
    return f"{behind[min(int(len(behind) * share), len(behind) - 1)] / 1000:,.1f} s" if behind else "-"


def _hours(ms: int) -> str:
    return f"{ms / 3_600_000:,.2f}" if ms else "-"


def _or_dash(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"


if __name__ == "__main__":
    main()
