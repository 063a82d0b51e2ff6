"""The devices of the demo fleet: what and where they are, how they are connected, what is wrong with them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from events.simulation.chance import Doubles, Wholes, between, normal, one_of, uniform


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of device: what one message of it holds, how it is connected, and whether it numbers its events."""

    name: str
    title: str
    sensors: tuple[str, ...]
    links: tuple[str, ...]
    sends_ids: bool = False


KINDS = (
    Kind(
        "room",
        "Room",
        ("temperature", "humidity", "co2"),
        ("lpwan_private", "lpwan_private", "lpwan_community_static", "batched_uploader"),
    ),
    Kind(
        "tracker",
        "Tracker",
        ("location", "battery"),
        ("lpwan_community_mobile", "cellular_phone_umts", "cellular_gprs_good"),
    ),
    Kind(
        "cold",
        "Cold box",
        ("temperature", "battery", "location"),
        ("cellular_gprs_good", "cellular_phone_umts", "cellular_gprs_poor"),
        sends_ids=True,
    ),
    Kind(
        "station",
        "Weather station",
        ("temperature", "humidity", "battery", "location"),
        ("satellite_store_forward", *("lpwan_private", "lpwan_community_static") * 5),
        sends_ids=True,
    ),
)

CUSTOM_TYPES: tuple[dict[str, Any], ...] = (
    {
        "slug": "co2",
        "name": "Carbon dioxide",
        "unit": "ppm",
        "schema": {
            "type": "object",
            "required": ["value"],
            "properties": {"value": {"type": "number", "minimum": 0, "maximum": 50_000}},
        },
    },
)
"""The custom event types the fleet sends; whoever receives it must define them."""

SITES = (
    ("Rotterdam", 51.9225, 4.4792, 10.5),
    ("Grenoble", 45.1885, 5.7245, 12.0),
    ("Austin", 30.2672, -97.7431, 20.5),
    ("Nairobi", -1.2864, 36.8172, 19.0),
    ("Osaka", 34.6937, 135.5023, 17.0),
    ("São Paulo", -23.5505, -46.6333, 20.0),
    ("Sydney", -33.8688, 151.2093, 18.0),
    ("Tromsø", 69.6492, 18.9553, 3.0),
)
"""Name, latitude, longitude, mean temperature of the year in °C."""

EVENTS_PER_MESSAGE = sum(len(kind.sensors) for kind in KINDS) / len(KINDS)
HOUR_S = 3600.0


@dataclass(frozen=True)
class Roster:
    """`count` devices. Arrays have one entry per device. Without `custom` they send built-in event types only."""

    count: int
    seed: int
    faults: bool = True
    custom: bool = True
    index: Wholes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", np.arange(self.count, dtype=np.int64))

    @cached_property
    def kind(self) -> Wholes:
        return self.index % len(KINDS)

    @cached_property
    def member(self) -> Wholes:
        """The number of a device among those of its kind, from 0."""
        return self.index // len(KINDS)

    @cached_property
    def site(self) -> Wholes:
        return self.member % len(SITES)

    @cached_property
    def ids(self) -> list[str]:
        return [f"{KINDS[k].name}-{m + 1:04d}" for k, m in zip(self.kind.tolist(), self.member.tolist(), strict=True)]

    @cached_property
    def names(self) -> list[str]:
        """What people call the devices."""
        rows = zip(self.kind.tolist(), self.member.tolist(), self.site.tolist(), strict=True)
        return [f"{KINDS[kind].title} {member + 1}, {SITES[site][0]}" for kind, member, site in rows]

    @cached_property
    def link(self) -> NDArray[np.str_]:
        """The link class of the lateness model by which a device is connected."""
        rows = zip(self.kind.tolist(), self.member.tolist(), strict=True)
        return np.array([_turn(KINDS[kind].links, member) for kind, member in rows])

    @cached_property
    def sends_ids(self) -> NDArray[np.bool_]:
        return np.array([kind.sends_ids for kind in KINDS], dtype=np.bool_)[self.kind]

    @cached_property
    def in_order(self) -> NDArray[np.bool_]:
        """Devices that forward their buffer before anything new, in order; the others send what is new first."""
        return np.asarray(self.member % 5 == 4)

    @cached_property
    def phase(self) -> Doubles:
        """When in its interval a device speaks, 0 … 1."""
        return uniform(self.seed, self.index, 10)

    @cached_property
    def latitude(self) -> Doubles:
        return np.array([site[1] for site in SITES])[self.site] + between(-0.03, 0.03, self.seed, self.index, 11)

    @cached_property
    def longitude(self) -> Doubles:
        return np.array([site[2] for site in SITES])[self.site] + between(-0.04, 0.04, self.seed, self.index, 12)

    @cached_property
    def climate(self) -> Doubles:
        return np.array([site[3] for site in SITES])[self.site]

    @cached_property
    def clock_error_s(self) -> Doubles:
        """How far a device's clock is ahead: one in ten is off by seconds, one in a hundred sends local time as UTC."""
        if not self.faults:
            return np.zeros(self.count)
        off = 1.4 * np.exp(1.6 * normal(self.seed, self.index, 13)) * one_of((-1, 1), self.seed, self.index, 14)
        error = np.where(uniform(self.seed, self.index, 15) < 0.1, np.clip(off, -600, 120), 0.0)
        local = one_of((-8, -7, -6, 1, 2), self.seed, self.index, 16) * HOUR_S
        return np.where(self.index % 100 == 17, local, error)

    @cached_property
    def never_set(self) -> NDArray[np.bool_]:
        """Devices whose clock starts in 1970 and is never set."""
        return np.asarray(self.index % 250 == 38) & self.faults


def _turn(links: Sequence[str], member: int) -> str:
    return links[member % len(links)]
