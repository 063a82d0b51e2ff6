"""Battery charge in percent; the voltage may come with it."""

from events.event_types.base import NumberType, same

BATTERY = NumberType(
    slug="battery",
    name="Battery",
    unit="percent",
    units={"percent": same},
    low=0,
    high=100,
    optional=("voltage",),
)
