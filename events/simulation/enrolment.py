"""Makes the fleet known: its devices, and the event types of its own."""

from collections.abc import Mapping

from devices.models import Device
from devices.registry import get_registry
from events.models import EventType
from events.simulation.roster import CUSTOM_TYPES


def enrol(names: Mapping[str, str]) -> None:
    """Registers these devices by id; gives those a name that have none yet."""
    get_registry().register(names)
    nameless = list(Device.objects.filter(device_id__in=list(names), name=""))
    for device in nameless:
        device.name = names[device.device_id]
    Device.objects.bulk_update([device for device in nameless if device.name], ["name"], batch_size=500)
    for custom in CUSTOM_TYPES:
        rest = {key: value for key, value in custom.items() if key != "slug"}
        EventType.objects.get_or_create(slug=custom["slug"], defaults=rest)
