"""Temperature, canonical in degrees Celsius."""

from typing import Any

from events.event_types.base import NumberType, same


def _from_fahrenheit(value: Any) -> Any:
    return (value - 32) * 5 / 9


def _from_kelvin(value: Any) -> Any:
    return value - 273.15


TEMPERATURE = NumberType(
    slug="temperature",
    name="Temperature",
    unit="celsius",
    units={"celsius": same, "fahrenheit": _from_fahrenheit, "kelvin": _from_kelvin},
    low=-273.15,
    high=1000,
)
