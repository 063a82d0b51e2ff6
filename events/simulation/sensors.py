"""What the fleet's sensors measure: smooth functions of time, with noise that belongs to device and message. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from events.simulation.chance import Doubles, Wholes, normal, uniform
from events.simulation.roster import Roster

DAY_S = 86_400.0
METRES_PER_DEGREE = 111_195.0
ROOM, TRACKER, COLD, STATION = range(4)


@dataclass(frozen=True, slots=True)
class Moments:
    """Messages: which device, its how many-th, and when in truth, in seconds since 1970. One entry per message."""

    roster: Roster
    device: Wholes
    number: Wholes
    at: Doubles

    def only(self, rows: Wholes) -> "Moments":
        return Moments(self.roster, self.device[rows], self.number[rows], self.at[rows])

    def noise(self, salt: int) -> Doubles:
        return normal(self.roster.seed, self.device, self.number, salt)

    def fixed(self, salt: int) -> Doubles:
        """A share of the device's own, 0 … 1, the same in every message."""
        return uniform(self.roster.seed, self.device, salt)

    @property
    def kind(self) -> Wholes:
        return self.roster.kind[self.device]

    @property
    def hour(self) -> Doubles:
        """Hours of the local solar day, 0 … 24."""
        return np.asarray((self.at / 3600 + self.roster.longitude[self.device] / 15) % 24, dtype=np.float64)


def temperature(moments: Moments) -> Doubles:
    """°C. Rooms are heated, cold boxes cycle about 4 °C and warm up when the door stands open, stations are outside."""
    daily = np.sin(2 * np.pi * (moments.hour - 9) / 24)
    room = 21 + 1.4 * daily + 1.2 * _wave(moments, 3.1 * 3600, 20)
    outside = moments.roster.climate[moments.device] + 5.5 * daily + 2.0 * _wave(moments, 2.7 * DAY_S, 21)
    cold = 4 + 0.5 * _wave(moments, 2400, 22) + 9 * door_open(moments)
    value = np.select([moments.kind == ROOM, moments.kind == COLD], [room, cold], outside)
    return np.round(value + 0.05 * moments.noise(23), 2)


def door_open(moments: Moments) -> Doubles:
    """How far a cold box has warmed up because its door stood open, 0 … 1: some minutes, once in one to four hours."""
    every = 3600 * (1 + 3 * moments.fixed(24))
    since = (moments.at + every * moments.fixed(25)) % every
    warming: Doubles = (1 - np.exp(-since / 120)) * np.exp(-np.maximum(since - 240, 0) / 300)
    return warming


def humidity(moments: Moments) -> Doubles:
    """Percent; falls when it gets warmer."""
    daily = np.sin(2 * np.pi * (moments.hour - 9) / 24)
    value = 52 - 11 * daily + 8 * _wave(moments, 1.9 * DAY_S, 26) + 0.4 * moments.noise(27)
    return _percent(value)


def battery(moments: Moments) -> Doubles:
    """Percent: trackers live a day on a charge, the others some weeks; charging takes a twentieth of that time."""
    cycle = np.where(moments.kind == TRACKER, DAY_S * (0.6 + moments.fixed(28)), DAY_S * (12 + 20 * moments.fixed(28)))
    share = ((moments.at + cycle * moments.fixed(29)) % cycle) / cycle
    level = np.where(share < 0.95, 100 - 88 * share / 0.95, 12 + 88 * (share - 0.95) / 0.05)
    return _percent(level + 0.15 * moments.noise(30))


def _percent(value: Doubles) -> Doubles:
    return np.asarray(np.round(np.clip(value, 0, 100), 1), dtype=np.float64)


def co2(moments: Moments) -> Doubles:
    """Parts per million in a room that is used from eight to six."""
    used = 1 / (1 + np.exp(-(moments.hour - 8.5) * 2)) / (1 + np.exp((moments.hour - 18) * 2))
    parts: Doubles = np.round(425 + 550 * used * (0.6 + 0.4 * _wave(moments, 5400, 31)) + 6 * moments.noise(32))
    return parts


def position(moments: Moments) -> tuple[Doubles, Doubles]:
    """Latitude and longitude in degrees: trackers walk, cold boxes drive, all others stand; positions are 3 m off."""
    reach = np.select([moments.kind == TRACKER, moments.kind == COLD], [600.0, 9000.0], 0.0)
    period = np.where(moments.kind == TRACKER, 2700.0, 5400.0) * (1 + moments.fixed(33))
    north = reach * _swing(moments, period, 34) + 3 * moments.noise(35)
    east = reach * _swing(moments, period * 1.37, 36) + 3 * moments.noise(37)
    latitude = moments.roster.latitude[moments.device]
    stretched = METRES_PER_DEGREE * np.cos(np.radians(latitude))
    longitude = moments.roster.longitude[moments.device] + east / stretched
    return np.round(latitude + north / METRES_PER_DEGREE, 6), np.round(longitude, 6)


def _wave(moments: Moments, period_s: float, salt: int) -> Doubles:
    return _swing(moments, period_s * (0.7 + 0.6 * moments.fixed(salt + 100)), salt)


def _swing(moments: Moments, period_s: Doubles, salt: int) -> Doubles:
    return np.sin(2 * np.pi * (moments.at / period_s + moments.fixed(salt)))


NUMBERS: dict[str, Callable[[Moments], Doubles]] = {
    "temperature": temperature,
    "humidity": humidity,
    "battery": battery,
    "co2": co2,
}
"""The sensors that measure one number."""

UNITS = {"temperature": "celsius", "humidity": "percent", "battery": "percent"}

GARBAGE = {"temperature": -3276.8, "humidity": 655.35, "battery": 255.0, "co2": -1.0, "latitude": 91.0}
"""What broken sensors say."""
