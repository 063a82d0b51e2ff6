"""Whom the door asks about speakers and devices, and a twin of it in memory for tests and simulations."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from devices.registry import Speaker


class Registry(Protocol):
    """See `devices.registry.Registry`; `register` may block, the others leave the thread when they must."""

    async def aspeaker(self, token: str) -> Speaker | None: ...

    async def aknown(self, ids: Iterable[str]) -> set[str]: ...

    def register(self, ids: Iterable[str]) -> set[str]: ...


class MemoryRegistry:
    """Speakers by token, and a set of device ids."""

    def __init__(self, speakers: Mapping[str, Speaker], devices: Iterable[str] = ()) -> None:
        self.speakers = dict(speakers)
        self.devices = set(devices)

    async def aspeaker(self, token: str) -> Speaker | None:
        return self.speakers.get(token)

    async def aknown(self, ids: Iterable[str]) -> set[str]:
        return self.devices & set(ids)

    def register(self, ids: Iterable[str]) -> set[str]:
        asked = set(ids)
        self.devices |= asked
        return asked
