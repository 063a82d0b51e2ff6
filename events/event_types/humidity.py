"""Relative humidity in percent."""

from events.event_types.base import NumberType, same

HUMIDITY = NumberType(slug="humidity", name="Humidity", unit="percent", units={"percent": same}, low=0, high=100)
