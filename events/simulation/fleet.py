"""The demo fleet: what its devices send, in order of arrival. With a seed, the same events every time. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from events.simulation.chance import Wholes
from events.simulation.roster import EVENTS_PER_MESSAGE, Roster
from events.simulation.traffic import Traffic, messages
from events.simulation.writing import write

START_S = 1_767_225_600.0
"""2026-01-01T00:00:00Z: where simulated time begins unless something else is said."""

INTERVAL_S = 60.0


@dataclass(frozen=True, slots=True)
class Burst:
    """Events in order of arrival: receive times in milliseconds, and lines as a pyarrow array of text."""

    received: Wholes
    lines: Any

    def __len__(self) -> int:
        return len(self.received)


def bursts(traffic: Traffic, *, rounds: int | None = None, stamped: bool = True) -> Iterator[Burst]:
    """Some ten thousand events at a time; without end unless `rounds` says how often each device speaks."""
    for found in messages(traffic, rounds):
        if len(found):
            yield Burst(*write(traffic, found, stamped=stamped))


def generate(  # noqa: PLR0913
    devices: int,
    events: int,
    late: float,
    seed: int,
    *,
    duplicates: float = 0.01,
    faults: bool = False,
    custom: bool = True,
    interval_s: float = INTERVAL_S,
    start_s: float = START_S,
    stamped: bool = True,
) -> Iterator[tuple[int, bytes]]:
    """`events` events of a fleet, as (receive time in milliseconds, JSON line), in order of arrival.

    `late` is the share of messages that arrive behind a newer one of their device. Every event type occurs; `co2` is
    a custom one, defined in `roster.CUSTOM_TYPES`, and left out without `custom`. Without `faults` all clocks are
    right and all values sane.
    """
    roster = Roster(devices, seed, faults, custom)
    traffic = Traffic(roster, interval_s, start_s, late, duplicates)
    left = events
    for burst in bursts(traffic, stamped=stamped):
        lines = burst.lines.slice(0, left).cast("binary").to_pylist()
        yield from zip(burst.received[:left].tolist(), lines, strict=True)
        left -= len(lines)
        if left <= 0:
            return


def interval_for(devices: int, events_per_second: float) -> float:
    """How often each device must speak, in seconds, for the fleet to send so many events a second."""
    return devices * EVENTS_PER_MESSAGE / events_per_second
