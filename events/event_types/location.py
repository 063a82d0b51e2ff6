"""Where a device is: degrees of WGS 84; metres and metres per second may come with it."""

from dataclasses import dataclass

from events.event import Reading, canonical
from events.event_types.base import Payload, number, optional_number, out_of_range, within


@dataclass(frozen=True, slots=True)
class LocationType:
    slug: str = "location"
    name: str = "Location"
    unit: str = "degrees"
    max_latitude: int = 90
    max_longitude: int = 180
    optional: tuple[str, ...] = ("altitude", "speed", "accuracy")

    def read(self, payload: Payload) -> Reading:
        latitude = _degrees(payload, "latitude", self.max_latitude)
        longitude = _degrees(payload, "longitude", self.max_longitude)
        for member in self.optional:
            optional_number(payload, member)
        return Reading(latitude=latitude, longitude=longitude)


def _degrees(payload: Payload, name: str, limit: int) -> int:
    degrees = number(payload, name)
    if not within(degrees, -limit, limit):
        raise out_of_range(name, f"{name} lies between {-limit} and {limit} degrees")
    return canonical(degrees)


LOCATION = LocationType()
