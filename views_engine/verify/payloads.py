"""Payloads to canonical numbers: whole millionths, by the table of event types in docs/api.md."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple


class Refused(Exception):
    """The event cannot be taken; `code` is the contract's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Reading(NamedTuple):
    """Canonical numbers: `value` for what is measured, the other two for a position."""

    value: int | None = None
    latitude: int | None = None
    longitude: int | None = None


def _number(payload: dict[str, Any], name: str) -> float:
    member = payload.get(name)
    if member is None:
        raise Refused("missing")
    if type(member) not in (int, float):
        raise Refused("wrong_type")
    return float(member)


def _optional_numbers(payload: dict[str, Any], *names: str) -> None:
    for name in names:
        if payload.get(name) is not None:
            _number(payload, name)


def _millionths(number: float, low: int, high: int) -> int:
    """Whole millionths of `number`, which must lie within `low` … `high` millionths."""
    if not math.isfinite(number * 1e6):
        raise Refused("out_of_range")
    whole = round(number * 1e6)
    if not low <= whole <= high:
        raise Refused("out_of_range")
    return whole


def _fahrenheit(value: float) -> float:
    return (value - 32) * 5 / 9


def _kelvin(value: float) -> float:
    return value - 273.15


def _as_sent(value: float) -> float:
    return value


_Conversion = Callable[[float], float]


def _convert(payload: dict[str, Any], conversions: dict[str, _Conversion], default: str) -> float:
    unit = payload.get("unit")
    if unit is None:
        unit = default
    if not isinstance(unit, str):
        raise Refused("wrong_type")
    if unit not in conversions:
        raise Refused("unknown_unit")
    return conversions[unit](_number(payload, "value"))


def _temperature(payload: dict[str, Any]) -> Reading:
    units: dict[str, _Conversion] = {"celsius": _as_sent, "fahrenheit": _fahrenheit, "kelvin": _kelvin}
    return Reading(_millionths(_convert(payload, units, "celsius"), -273_150_000, 1_000_000_000))


def _percent(payload: dict[str, Any]) -> Reading:
    return Reading(_millionths(_convert(payload, {"percent": _as_sent}, "percent"), 0, 100_000_000))


def _battery(payload: dict[str, Any]) -> Reading:
    _optional_numbers(payload, "voltage")
    return _percent(payload)


def _location(payload: dict[str, Any]) -> Reading:
    _optional_numbers(payload, "altitude", "speed", "accuracy")
    latitude = _millionths(_number(payload, "latitude"), -90_000_000, 90_000_000)
    longitude = _millionths(_number(payload, "longitude"), -180_000_000, 180_000_000)
    return Reading(None, latitude, longitude)


readings: dict[str, Callable[[dict[str, Any]], Reading]] = {
    "temperature": _temperature,
    "humidity": _percent,
    "battery": _battery,
    "location": _location,
}


def custom_reading(payload: dict[str, Any]) -> Reading:
    """A custom type's payload: a number under `value` is its measurement, anything else is kept and not measured."""
    if type(payload.get("value")) not in (int, float):
        return Reading()
    value = _number(payload, "value")
    if not abs(value) < 1e12:
        raise Refused("out_of_range")
    return Reading(round(value * 1e6))
