"""The event types as the door knows them: asked for rarely, and at once when somebody sends an unknown one."""

import asyncio
from collections.abc import Callable

from events.event_types import EventTypes

KEPT_S = 2.0


class KeptTypes:
    """`types` may block; it is called in a thread. `now` counts seconds."""

    def __init__(self, types: Callable[[], EventTypes], now: Callable[[], float]) -> None:
        self._types, self._now = types, now
        self._kept: EventTypes | None = None
        self._until = 0.0

    async def get(self) -> EventTypes:
        """The types as they were at most `KEPT_S` ago."""
        if self._kept is None or self._now() >= self._until:
            return await self.fresh()
        return self._kept

    async def fresh(self) -> EventTypes:
        self._kept = await asyncio.to_thread(self._types)
        self._until = self._now() + KEPT_S
        return self._kept
