"""Who is online. Devices do not know; whoever calculates it registers itself here as the source."""

from collections.abc import Callable, Mapping

from devices.models import Device

Source = Callable[[], Mapping[str, int]]
"""When the last event of each device was received: milliseconds since 1970, by device id."""

_sources: list[Source] = []


class Unknown(Exception):
    """Nobody can say who is online; the text says why."""


def register(source: Source) -> None:
    """From now on `source` is asked. It may raise `Unknown` when it cannot say."""
    _sources[:] = [source]


def unregister() -> None:
    _sources.clear()


def last_received() -> Mapping[str, int]:
    """Raises `Unknown`."""
    if not _sources:
        raise Unknown("No view of presence is running.")
    return _sources[0]()


def overrides() -> dict[str, int]:
    """Seconds after which a device is offline, for those that differ from the general setting."""
    rows = Device.objects.exclude(offline_after_s=None, device_type__offline_after_s=None).values_list(
        "device_id", "offline_after_s", "device_type__offline_after_s"
    )
    return {device_id: seconds for device_id, own, of_type in rows if (seconds := own or of_type)}


def online(now: int, offline_after_s: float) -> set[str]:
    """The devices heard of recently enough at `now` (ms); raises `Unknown`."""
    own = overrides()
    received = last_received()
    return {device_id for device_id, at in received.items() if now - at < own.get(device_id, offline_after_s) * 1000}
