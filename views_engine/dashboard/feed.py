"""The feed: one stream from each live calculator, merged ten times a second and fanned out to the sockets.

It lives in the web process's event loop: `start()` and `stop()` belong to the server's life span.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import httpx
import orjson
import structlog
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings

from blackboard import board
from views_engine.dashboard.changes import FLEET, Pending, Version, device_group

log = structlog.get_logger(__name__)

FRAME_S = 0.1
LOOK_S = 0.5
SILENCE_S = 15.0
MOST_CHANGES = 5_000
"""A calculator tells no more changes than this in a line; with so many there may have been more."""
PAUSES_S = (0.1, 0.2, 0.5, 1.0)


class Seat(Protocol):
    """Who is live: where its private door is, and the fence of its term."""

    @property
    def address(self) -> str: ...
    @property
    def calculator(self) -> Any: ...
    @property
    def fence(self) -> int: ...


class Feed:
    """Follows the live calculator of every shard. `live(shard)` says who that is and may block."""

    def __init__(self, *, shards: int, live: Callable[[int], Seat | None], secret: str) -> None:
        self.versions: Version = {}
        self._shards = shards
        self._live = live
        self._secret = secret
        self._pending = Pending()
        self._work = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._watchers: Counter[str] = Counter()
        self._serials: Counter[str] = Counter()
        self._terms: dict[int, tuple[str, int]] = {}

    def start(self) -> None:
        loops: list[Coroutine[Any, Any, None]] = [self._follow(shard) for shard in range(self._shards)]
        self._tasks = [asyncio.create_task(loop) for loop in [*loops, self._pump()]]

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def watch(self, device_id: str | None) -> str:
        """Somebody looks at a device (or, with None, at the fleet); the name of the group to join."""
        group = device_group(device_id) if device_id else FLEET
        if device_id:
            self._watchers[device_id] += 1
        return group

    def unwatch(self, device_id: str | None) -> None:
        if not device_id:
            return
        self._watchers[device_id] -= 1
        if self._watchers[device_id] <= 0:
            del self._watchers[device_id]
            self._serials.pop(device_group(device_id), None)

    def serial(self, group: str) -> int:
        """How many messages went to a group; who joined and counts fewer has missed some."""
        return self._serials[group]

    async def _follow(self, shard: int) -> None:
        failures = 0
        while True:
            try:
                seat = await database_sync_to_async(self._live)(shard)
                if seat is not None:
                    await self._stream_while_live(shard, seat)
                    failures = 0
            except (httpx.HTTPError, ValueError, KeyError) as error:
                failures += 1
                log.info("feed_broken", shard=shard, reason=repr(error))
            except Exception:
                failures += 1
                log.exception("feed_failed", shard=shard)
            await asyncio.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])

    async def _stream_while_live(self, shard: int, seat: Seat) -> None:
        """Streams until the stream ends or fails, or another calculator (or another term) is live."""
        stream = asyncio.create_task(self._stream(shard, seat))
        try:
            while not stream.done():
                await asyncio.wait([stream], timeout=LOOK_S)
                if not stream.done() and _term(await database_sync_to_async(self._live)(shard)) != _term(seat):
                    return
            await stream
        finally:
            stream.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await stream

    async def _stream(self, shard: int, seat: Seat) -> None:
        headers = {"Authorization": f"Bearer {self._secret}"}
        timeout = httpx.Timeout(5.0, read=SILENCE_S)
        async with (
            httpx.AsyncClient(timeout=timeout, trust_env=False) as client,
            client.stream("GET", f"{seat.address}/changes", headers=headers) as answer,
        ):
            answer.raise_for_status()
            first = True
            async for text in answer.aiter_lines():
                if text.strip():
                    self._take(shard, seat, orjson.loads(text), first=first)
                    first = False

    def _take(self, shard: int, seat: Seat, line: dict[str, Any], *, first: bool) -> None:
        known = self.versions.get(str(shard))
        self.versions = {**self.versions, str(shard): line["version"]}
        if first:
            self._note_connection(shard, seat, known, line["version"])
        if len(line["changes"]) >= MOST_CHANGES:
            self._pending.add_reason("gap")
        self._pending.add_line(line)
        self._work.set()

    def _note_connection(self, shard: int, seat: Seat, known: dict[str, int] | None, now: dict[str, int]) -> None:
        before, term = self._terms.get(shard), (seat.address, seat.fence)
        self._terms[shard] = term
        if before is None:
            self._pending.add_reason("connected")
        elif before != term:
            self._pending.add_reason("live_changed")
        elif known != now:
            self._pending.add_reason("gap")

    async def _pump(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            pending, self._pending = self._pending, Pending()
            if pending:
                await self._fan_out(pending)
                await asyncio.sleep(FRAME_S)

    async def _fan_out(self, pending: Pending) -> None:
        await self._send(FLEET, pending.for_fleet())
        for device_id in list(self._watchers):
            if pending.touches(device_id):
                await self._send(device_group(device_id), pending.for_device(device_id))

    async def _send(self, group: str, message: dict[str, Any]) -> None:
        self._serials[group] += 1
        envelope = {"type": "feed.message", "group": group, "serial": self._serials[group], "version": self.versions}
        await get_channel_layer().group_send(group, {**envelope, **message})


def _term(seat: Seat | None) -> tuple[str, int] | None:
    return (seat.address, seat.fence) if seat else None


shared = Feed(shards=settings.CONFIG.log.shards, live=board.live, secret=settings.INTERNAL_SECRET)


async def start() -> None:
    """Starts this web process's feed; call it when the server starts."""
    shared.start()


async def stop() -> None:
    """Ends the feed's tasks; call it when the server stops."""
    await shared.stop()
