"""The views engine as a Django app."""

from collections.abc import Mapping

from django.apps import AppConfig


class ViewsEngineConfig(AppConfig):
    name = "views_engine"

    def ready(self) -> None:
        from devices import presence

        presence.register(last_received)


def last_received() -> Mapping[str, int]:
    """When each device was last heard of (ms), for lists of devices that ask who is online."""
    from devices.presence import Unknown
    from views_engine.reading import Unavailable, get_reader

    try:
        answers = get_reader().query("devices", {})
    except Unavailable as error:
        raise Unknown(error.reason) from error
    return {row["device_id"]: row["last_received_at"] for answer in answers for row in answer.rows}
