"""Every view of one device, from its ordered events: the definitions of docs/api.md, one function each.

Rows are tuples in the order of `COLUMNS`. Numbers are whole millionths, times milliseconds since 1970, distances whole
millimetres, `seq` is -1 where none was sent.
"""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

from views_engine.verify.fold import Device
from views_engine.verify.reading import Observed

Row = tuple[Any, ...]

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
LENGTHS = {"1m": MINUTE_MS, "1h": HOUR_MS, "1d": DAY_MS}
EARTH_RADIUS_MM = 6_371_008_800.0
CHARGE = 5_000_000

_EVENT = "device_id event_type event_id seq timeless observed_at received_at value latitude longitude payload arrival"
_LATEST = "device_id event_type observed_at seq event_id received_at value latitude longitude payload"
_WINDOW = "device_id start count min max sum first last"
_TRACK = (
    "device_id start count distance_mm first_latitude first_longitude first_observed_at last_latitude last_longitude "
    "last_observed_at"
)
_ALERT = "started_at device_id rule severity rule_name rule_version raised_at cleared_at value"
_UNIT_ROW = "since device_id observed_at seq event_type event_id timeless n body open"
COLUMNS: dict[str, tuple[str, ...]] = {
    "events": tuple(_EVENT.split()),
    "latest": tuple(_LATEST.split()),
    "windows": tuple(_WINDOW.split()),
    "track_windows": tuple(_TRACK.split()),
    "battery_trends": ("device_id", "readings", "percent_per_day", "days_left", "latest"),
    "devices": ("device_id", "last_observed_at", "last_received_at", "events"),
    "alert_intervals": tuple(_ALERT.split()),
    "unit_rows": tuple(_UNIT_ROW.split()),
    "unit_faults": ("device_id", "reason", "cause"),
}


def events(device: Device) -> Iterator[Row]:
    for event in device.events:
        yield (
            event.device_id,
            event.event_type,
            event.event_id,
            event.seq,
            event.timeless,
            event.observed_at,
            event.received_at,
            event.value,
            event.latitude,
            event.longitude,
            event.payload,
            event.arrival,
        )


def latest(device: Device) -> Iterator[Row]:
    """The last event of each type, by type."""
    newest = {event.event_type: event for event in device.events}
    for event_type, event in sorted(newest.items()):
        yield (
            event.device_id,
            event_type,
            event.observed_at,
            event.seq,
            event.event_id,
            event.received_at,
            event.value,
            event.latitude,
            event.longitude,
            event.payload,
        )


def windows(device: Device, event_type: str, resolution: str) -> Iterator[Row]:
    """Windows of the events of a type that have a number, aligned to UTC."""
    measured = [event for event in device.events if event.event_type == event_type and event.value is not None]
    for start, inside in _by_window(measured, LENGTHS[resolution]):
        values = [event.value for event in inside if event.value is not None]
        yield device.device_id, start, len(values), min(values), max(values), sum(values), values[0], values[-1]


def track_windows(device: Device, resolution: str) -> Iterator[Row]:
    """Windows of positions; a leg belongs to the window of its later point."""
    positions = [event for event in device.events if event.latitude is not None]
    legs = dict(zip(map(id, positions[1:]), (leg_mm(*ends) for ends in pairwise(positions)), strict=True))
    for start, inside in _by_window(positions, LENGTHS[resolution]):
        distance = sum(legs.get(id(event), 0) for event in inside)
        yield device.device_id, start, len(inside), distance, *_position(inside[0]), *_position(inside[-1])


def battery_trends(device: Device) -> Iterator[Row]:
    """Least squares over the last 7 days of readings since the last charge, exact up to the last rounding."""
    readings = [
        (event.observed_at, event.value)
        for event in device.events
        if event.event_type == "battery" and event.value is not None
    ]
    if readings:
        newest_at, newest = readings[-1]
        recent = since_charge([reading for reading in readings if reading[0] >= newest_at - 7 * DAY_MS])
        slope = slope_per_ms(recent)
        per_day = None if slope is None else slope * DAY_MS / 1_000_000
        falling = per_day is not None and per_day < 0
        days_left = float(Fraction(newest, 1_000_000) / -per_day) if falling and per_day is not None else None
        yield device.device_id, len(recent), None if per_day is None else float(per_day), days_left, newest


def devices(device: Device) -> Iterator[Row]:
    newest = device.events[-1].observed_at if device.events else None
    yield device.device_id, newest, device.last_received_at, len(device.events)


def since_charge(readings: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The readings from the last one on that lies 5 percent or more above the one before it."""
    charged = [n for n, (before, after) in enumerate(pairwise(readings), 1) if after[1] - before[1] >= CHARGE]
    return readings[charged[-1] if charged else 0 :]


def slope_per_ms(readings: list[tuple[int, int]]) -> Fraction | None:
    """The slope of the line of least squares; None with fewer than 3 readings, or all at one time."""
    n = len(readings)
    total = sum(time for time, _ in readings)
    # n times the distance of each reading from their mean time: whole numbers, so that nothing is rounded.
    offsets = [n * time - total for time, _ in readings]
    spread = sum(offset * offset for offset in offsets)
    if n < 3 or spread == 0:
        return None
    return Fraction(n * sum(offset * value for offset, (_, value) in zip(offsets, readings, strict=True)), spread)


def leg_mm(start: Observed, end: Observed) -> int:
    """Great-circle distance by the haversine formula, to the nearest millimetre."""
    north, east = _radians(start.latitude, start.longitude)
    to_north, to_east = _radians(end.latitude, end.longitude)
    across = math.sin((to_north - north) / 2) ** 2
    along = math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
    return round(2 * EARTH_RADIUS_MM * math.asin(min(1.0, math.sqrt(across + along))))


def _radians(latitude: int | None, longitude: int | None) -> tuple[float, float]:
    assert latitude is not None
    assert longitude is not None
    return math.radians(latitude / 1e6), math.radians(longitude / 1e6)


def _by_window(events: Iterable[Observed], length: int) -> Iterator[tuple[int, list[Observed]]]:
    for window, inside in groupby(events, lambda event: event.observed_at // length):
        yield window * length, list(inside)


def _position(event: Observed) -> tuple[int | None, int | None, int]:
    return event.latitude, event.longitude, event.observed_at
