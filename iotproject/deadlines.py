"""Deadlines and sizes for requests: uvicorn has none of its own, and a trickled request would hold us for ever."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

import orjson

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Refused(Exception):
    """The request is not waited for any longer; `status` and `detail` go to the client."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class Deadline:
    """Hands a request on and answers 408 when its body is not there `timeout_s` seconds after its headers."""

    def __init__(self, app: App, *, timeout_s: float) -> None:
        self.app = app
        self.timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, self._in_time(receive), send)
        except Refused as refused:
            await answer(send, refused.status, refused.detail)

    def _in_time(self, receive: Receive) -> Receive:
        end: float | None = asyncio.get_running_loop().time() + self.timeout_s

        async def receive_in_time() -> Message:
            nonlocal end
            try:
                async with asyncio.timeout_at(end):
                    message = await receive()
            except TimeoutError:
                raise Refused(408, f"The body did not arrive within {self.timeout_s:g} seconds.") from None
            if not message.get("more_body"):
                end = None
            return message

        return receive_in_time


def whole_body(app: App, *, timeout_s: float, max_bytes: int) -> App:
    """Reads a request's body before the application is called, so that a slow client never holds a thread."""

    async def read_first(scope: Scope, receive: Receive, send: Send) -> None:
        message = await read_all(receive, max_bytes)
        if message is None:
            return
        unread = [message]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        await app(scope, replay, send)

    return Deadline(read_first, timeout_s=timeout_s)


async def read_all(receive: Receive, max_bytes: int) -> Message | None:
    """The request in one message; None if the client left, `Refused` if the body is larger than `max_bytes`."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise Refused(413, f"The body is larger than {max_bytes} bytes.")
        if not message.get("more_body"):
            return {"type": "http.request", "body": bytes(body), "more_body": False}


async def answer(send: Send, status: int, detail: str) -> None:
    """A problem (RFC 9457) that also ends the connection: the rest of the request is never read."""
    title = HTTPStatus(status).phrase
    body = orjson.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail})
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
