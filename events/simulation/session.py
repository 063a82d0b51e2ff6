"""One run of `simulate_devices`: which events, whereto, and when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from events.simulation import replay, story
from events.simulation.fleet import INTERVAL_S, START_S, Burst, bursts, interval_for
from events.simulation.pacing import Sender, merged
from events.simulation.roster import Roster
from events.simulation.traffic import Traffic

FAST_EVENTS = 100_000
"""How many events `--fast` writes unless it is told when to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was asked for. Durations in seconds; `count` and `duration_s` None: until stopped."""

    devices: int = 50
    rate: float = 20.0
    late: float = 0.1
    seed: int = 1
    fast: bool = False
    faults: bool = True
    custom: bool = True
    story: bool = False
    history_s: float = 0.0
    count: int | None = None
    duration_s: float | None = None
    recording: str | None = None
    speed: float = 60.0
    samples: Path = Path("sample_data")

    @property
    def most(self) -> int | None:
        endless = self.count is None and self.duration_s is None and self.recording is None
        return FAST_EVENTS if self.fast and endless else self.count


@dataclass(frozen=True, slots=True)
class Cast:
    """Who will speak: device ids with the names people know them by, and everything they say."""

    names: dict[str, str]
    bursts: Iterator[Burst]


def cast(plan: Plan, *, now_s: float, stamped: bool) -> Cast:
    """The devices and events of a plan, where `now_s` is the present. `--fast` always begins at the same moment."""
    if plan.recording is not None:
        recording = replay.load(plan.recording, plan.samples, plan.seed)
        played = replay.bursts(recording, start_s=START_S if plan.fast else now_s, speed=plan.speed)
        return Cast(dict.fromkeys(recording.devices, ""), _until(plan, played, START_S if plan.fast else now_s))
    roster = Roster(plan.devices, plan.seed, plan.faults, plan.custom)
    start_s = START_S if plan.fast else now_s
    traffic = Traffic(roster, interval_for(plan.devices, plan.rate), start_s, plan.late)
    spoken = bursts(traffic, stamped=stamped)
    if plan.history_s:
        spoken = merged(_history(plan, roster, start_s, stamped), spoken)
    names = dict(zip(roster.ids, roster.names, strict=True))
    if plan.story:
        spoken = merged(spoken, story.bursts(start_s=start_s, history_s=plan.history_s, stamped=stamped))
        names[story.DEVICE] = story.NAME
    return Cast(names, _until(plan, spoken, start_s))


def run(
    plan: Plan,
    sender: Sender,
    spoken: Iterator[Burst],
    *,
    clock: Callable[[], float],
    rest: Callable[[float], object],
) -> None:
    """Until the plan is fulfilled or the sender is told to stop."""
    if plan.fast:
        sender.fast(spoken)
    else:
        sender.paced(spoken, clock=clock, rest=rest)


def _history(plan: Plan, roster: Roster, end_s: float, stamped: bool) -> Iterator[Burst]:
    """One message a minute and device until the present; what of it arrives later comes in its time."""
    rounds = max(int(plan.history_s / INTERVAL_S), 1)
    past = Traffic(roster, INTERVAL_S, end_s - rounds * INTERVAL_S, plan.late)
    return bursts(past, rounds=rounds, stamped=stamped)


def _until(plan: Plan, spoken: Iterator[Burst], start_s: float) -> Iterator[Burst]:
    if plan.duration_s is None:
        yield from spoken
        return
    end = int((start_s + plan.duration_s) * 1000)
    for burst in spoken:
        within = int(np.searchsorted(burst.received, end))
        yield Burst(burst.received[:within], burst.lines.slice(0, within))
        if within < len(burst):
            return
