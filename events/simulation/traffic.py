"""When the fleet's messages happen and when they arrive. Pure.

Every device speaks once an interval. Now and then it is out of reach: what it says meanwhile is kept, and comes either
in order as soon as it is back, or, on most devices, behind its next live message. The latter are the late ones: `late`
is their share of all messages. Radio links are as slow as measured and keep the order of what they carry.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from events.simulation.chance import Doubles, Wholes, between, uniform
from events.simulation.lateness import draw, link_class
from events.simulation.roster import Roster
from events.simulation.sensors import Moments

OUT_OF_ORDER_SHARE = 0.8
"""Four of five devices forward their buffer behind what is new."""

MOST_LATE = 0.7
MESSAGES_AT_ONCE = 20_000
DRAIN_S = 0.15
BACK_S = 1.0
LOST = 0.02
UNSET_ROUNDS = 300


@dataclass(frozen=True)
class Traffic:
    """A fleet's messages from `start_s` (seconds since 1970) on, one per device and `interval_s`; see the module."""

    roster: Roster
    interval_s: float
    start_s: float
    late: float = 0.1
    duplicates: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.late <= MOST_LATE:
            raise ValueError(f"the share of late events must be between 0 and {MOST_LATE}, not {self.late}")

    @cached_property
    def cycle(self) -> Wholes:
        """Rounds from one outage of a device to the next, 20 to 200."""
        return np.asarray(20 * 10 ** uniform(self.roster.seed, self.roster.index, 40)).astype(np.int64)

    @cached_property
    def away(self) -> Doubles:
        """Rounds of a cycle in which a device is out of reach."""
        return np.asarray(self.late / OUT_OF_ORDER_SHARE * (self.cycle - 1), dtype=np.float64)

    @property
    def rounds_at_once(self) -> int:
        return max(MESSAGES_AT_ONCE // self.roster.count, 1)

    def nominal(self, rounds: Wholes, device: Wholes) -> Doubles:
        """When a device speaks, give or take a little."""
        times: Doubles = self.start_s + (rounds + self.roster.phase[device]) * self.interval_s
        return times


@dataclass(frozen=True, slots=True)
class Messages:
    """One entry per message: device, its how many-th, when in truth, when received (seconds; NaN: not yet known).

    `back` is the round in which the device is in reach again, `behind` how many kept messages go before this one.
    """

    device: Wholes
    number: Wholes
    at: Doubles
    received: Doubles
    back: Wholes
    behind: Wholes

    def only(self, rows: NDArray[np.bool_] | Wholes) -> "Messages":
        return Messages(*(getattr(self, name)[rows] for name in self.__slots__))

    def moments(self, roster: Roster) -> Moments:
        return Moments(roster, self.device, self.number, self.at)

    def __len__(self) -> int:
        return len(self.device)


def messages(traffic: Traffic, rounds: int | None = None) -> Iterator[Messages]:
    """Messages in order of their arrival, some thousand at a time; without end unless `rounds` says how many."""
    pending, waiting = _none(), _none()
    last = np.full(traffic.roster.count, -np.inf)
    first = 0
    while rounds is None or first < rounds:
        count = traffic.rounds_at_once if rounds is None else min(traffic.rounds_at_once, rounds - first)
        spoken, live, last = _round_trip(traffic, first, count, last)
        waiting = _joined(waiting, spoken.only(np.isnan(spoken.received)))
        resolved, waiting = _resolve(waiting, live, first + count)
        arrived = _joined(spoken.only(~np.isnan(spoken.received)), resolved)
        pending = _joined(pending, arrived, _copies(traffic, arrived))
        first += count
        # Nothing that is yet to be said can arrive before it is said.
        due = pending.received < traffic.start_s + first * traffic.interval_s
        yield _by_arrival(pending.only(due))
        pending = pending.only(~due)
    yield _by_arrival(_joined(pending, _given_up(traffic, waiting)))


def _round_trip(traffic: Traffic, first: int, count: int, last: Doubles) -> tuple[Messages, Doubles, Doubles]:
    """What is said in these rounds; a row per round of live arrivals; the last of them per device."""
    roster, seed = traffic.roster, traffic.roster.seed
    rounds = np.arange(first, first + count)[:, None]
    device = roster.index[None, :]
    jitter = 0.02 * traffic.interval_s * uniform(seed, device, rounds, 41)
    at = traffic.nominal(rounds, device) + jitter
    away, back, behind = _outages(traffic, rounds)
    kept = away & ~roster.in_order
    until = np.where(away, traffic.nominal(back, device) + DRAIN_S * behind, at)
    ready = np.where(kept, -np.inf, np.maximum(at, until) + _delays(traffic, first, count))
    live = np.maximum.accumulate(np.vstack([last, ready]))[1:]
    said = _said(traffic, rounds)
    spoken = Messages(
        np.broadcast_to(device, at.shape)[said],
        np.broadcast_to(rounds, at.shape)[said],
        at[said],
        np.where(kept, np.nan, live)[said],
        back[said],
        behind[said],
    )
    return spoken, live, live[-1]


def _outages(traffic: Traffic, rounds: Wholes) -> tuple[NDArray[np.bool_], Wholes, Wholes]:
    """Which messages are kept because the device is out of reach, the round of its return, and their rank."""
    cycle, away = traffic.cycle[None, :], traffic.away[None, :]
    number, position = rounds // cycle, rounds % cycle
    starts = uniform(traffic.roster.seed, traffic.roster.index[None, :], number, 42) * (cycle - 1 - away)
    out = (position >= starts) & (position < starts + away)
    back = number * cycle + np.ceil(starts + away).astype(np.int64)
    behind = np.maximum(position - np.ceil(starts).astype(np.int64), 0)
    return out, back, behind


def _said(traffic: Traffic, rounds: Wholes) -> NDArray[np.bool_]:
    """All but the messages that got lost; fleets without faults lose none."""
    shape = (len(rounds), traffic.roster.count)
    if not traffic.roster.faults:
        return np.ones(shape, dtype=np.bool_)
    return uniform(traffic.roster.seed, traffic.roster.index[None, :], rounds, 43) >= LOST


def _delays(traffic: Traffic, first: int, count: int) -> Doubles:
    rng = np.random.default_rng([traffic.roster.seed, first])
    delays = np.empty((count, traffic.roster.count))
    for name in np.unique(traffic.roster.link).tolist():
        devices = np.flatnonzero(traffic.roster.link == name)
        delays[:, devices] = draw(rng, link_class(name)["base"], count * len(devices)).reshape(count, -1)
    return delays


def _none() -> Messages:
    whole, double = np.empty(0, dtype=np.int64), np.empty(0)
    return Messages(whole, whole, double, double, whole, whole)


def _joined(*parts: Messages) -> Messages:
    return Messages(*(np.concatenate([getattr(part, name) for part in parts]) for name in Messages.__slots__))


def _resolve(waiting: Messages, live: Doubles, end: int) -> tuple[Messages, Messages]:
    """Kept messages follow the first live one after the outage; those whose outage is not over go on waiting."""
    over = waiting.back < end
    done = waiting.only(over)
    returned = live[done.back - (end - len(live)), done.device]
    received = returned + BACK_S + DRAIN_S * done.behind
    arrived = Messages(done.device, done.number, done.at, received, done.back, done.behind)
    return arrived, waiting.only(~over)


def _given_up(traffic: Traffic, waiting: Messages) -> Messages:
    """What still waits when the fleet falls silent comes when the devices would have been back."""
    received = traffic.nominal(waiting.back, waiting.device) + BACK_S + DRAIN_S * waiting.behind
    return Messages(waiting.device, waiting.number, waiting.at, received, waiting.back, waiting.behind)


def _copies(traffic: Traffic, arrived: Messages) -> Messages:
    """The second arrivals of messages that are sent twice, six seconds to three minutes later."""
    seed = traffic.roster.seed
    twice = arrived.only(uniform(seed, arrived.device, arrived.number, 44) < traffic.duplicates)
    received = twice.received + between(6, 180, seed, twice.device, twice.number, 45)
    return Messages(twice.device, twice.number, twice.at, received, twice.back, twice.behind)


def _by_arrival(found: Messages) -> Messages:
    return found.only(np.lexsort((found.number, found.device, found.received)))


def observed_times(traffic: Traffic, found: Messages) -> Doubles:
    """What the devices' clocks said, right or wrong, in seconds since 1970."""
    roster = traffic.roster
    observed = found.at + roster.clock_error_s[found.device]
    if not roster.faults:
        return observed
    unset = roster.never_set[found.device] & (found.number < UNSET_ROUNDS)
    observed = np.where(unset, (found.number + 1) * traffic.interval_s, observed)
    rarely = uniform(roster.seed, found.device, found.number, 46) < 0.001
    ahead = between(1, 140, roster.seed, found.device, found.number, 47)
    return np.where(rarely & ~unset, found.received + ahead, observed)
