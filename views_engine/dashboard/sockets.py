"""The socket behind the live pages: greets, takes a subscription, sends numbered frames.

A gap is told, never hidden: the channel layer drops silently when it is full (or forgets a member after a day), so
every message of the feed has a serial number, and who misses one is told to fetch afresh.
"""

import asyncio
import contextlib
from typing import Any, Literal

import msgspec
import orjson
from channels.generic.websocket import AsyncWebsocketConsumer

from devices.ids import is_device_id
from views_engine.dashboard import feed as feeds
from views_engine.dashboard.access import may_look, may_still_look, same_site
from views_engine.dashboard.outbox import Outbox

LOOK_S = 1.0
SESSION_CHECK_S = 15.0
SESSION_ENDED = 4401


def read_subscription(text: str | None) -> str | None:
    """The device somebody wants to watch, None for the fleet; ValueError says what is wrong with the message."""
    try:
        asked = msgspec.json.decode(text or "", type=Message).subscribe
    except msgspec.DecodeError as error:
        raise ValueError(f"Not a message of ours: {error}.") from None
    if asked.view == "fleet":
        return None
    if not is_device_id(asked.device_id or ""):
        raise ValueError("A subscription to a device needs its device_id.")
    return asked.device_id


class Subscription(msgspec.Struct):
    view: Literal["fleet", "device"]
    device_id: str | None = None


class Message(msgspec.Struct):
    subscribe: Subscription


class Dashboard(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One open page."""

    def __init__(self, feed: feeds.Feed | None = None) -> None:
        super().__init__()
        self.feed = feed or feeds.shared
        self.outbox = Outbox()
        self.ready = asyncio.Event()
        self.group = ""
        self.device_id: str | None = None
        self.serial = 0
        self.sender: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        if not (same_site(self.scope) and await may_look(self.scope)):
            await self.close()  # before accept: the server answers 403
            return
        await self.accept()
        await self._say({"type": "hello", "version": self.feed.versions})
        self.sender = asyncio.create_task(self._deliver())

    async def disconnect(self, code: int) -> None:
        if self.sender:
            self.sender.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self.sender
        await self._leave()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            device_id = read_subscription(text_data)
        except ValueError as error:
            await self._say({"type": "error", "detail": str(error)})
            return
        await self._leave()
        await self._join(device_id)

    async def _join(self, device_id: str | None) -> None:
        self.device_id = device_id
        self.group = self.feed.watch(device_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        self.serial = self.feed.serial(self.group)
        self.outbox.subscribed(self.feed.versions)
        self.ready.set()

    async def _leave(self) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)
            self.feed.unwatch(self.device_id)
            self.group = ""

    async def feed_message(self, message: dict[str, Any]) -> None:
        """From the channel layer. Only merges: a client that reads slowly is waited for elsewhere."""
        if message["group"] != self.group or message["serial"] <= self.serial:
            return
        if message["serial"] > self.serial + 1:
            self.outbox.resync("gap")
        self.serial = message["serial"]
        self.outbox.add(message)
        self.ready.set()

    async def _deliver(self) -> None:
        checked = self._now()
        while True:
            await self._wait_for_news()
            if self._now() - checked >= SESSION_CHECK_S:
                checked = self._now()
                await self._check_session()
            if self.outbox:
                await self.send(self.outbox.take())
                await asyncio.sleep(feeds.FRAME_S)

    async def _wait_for_news(self) -> None:
        if self.outbox:
            return
        self.ready.clear()
        try:
            await asyncio.wait_for(self.ready.wait(), LOOK_S)
        except TimeoutError:
            await self._check_membership()

    async def _check_membership(self) -> None:
        """In a quiet moment: are there messages to our group that never came?"""
        if self.group and self.serial < self.feed.serial(self.group):
            self.serial = self.feed.serial(self.group)
            await self.channel_layer.group_add(self.group, self.channel_name)
            self.outbox.resync("gap")

    async def _check_session(self) -> None:
        if not await may_still_look(self.scope):
            await self.close(SESSION_ENDED)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    async def _say(self, message: dict[str, Any]) -> None:
        await self.send(orjson.dumps(message).decode())
