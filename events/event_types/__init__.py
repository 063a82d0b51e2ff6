"""Event types: one file each, and one line here."""

from events.event_types.base import EventType
from events.event_types.battery import BATTERY
from events.event_types.catalogue import EventTypes
from events.event_types.custom import BadDefinition, CustomType
from events.event_types.humidity import HUMIDITY
from events.event_types.location import LOCATION
from events.event_types.temperature import TEMPERATURE

BUILT_IN = EventTypes((TEMPERATURE, HUMIDITY, BATTERY, LOCATION))
"""The types that need no definition."""

__all__ = ["BUILT_IN", "BadDefinition", "CustomType", "EventType", "EventTypes"]
