"""ASGI messages: bodies in, answers and chunks out."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[dict[str, Any]], Any]

MOST_BODY = 8 << 20


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


async def disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def read_all(receive: Receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the question is too long")
    return bytes(body)


async def send_chunk(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def answer(
    send: Send,
    body: bytes,
    *,
    status: int = 200,
    content_type: str = "application/json",
    headers: list[tuple[bytes, bytes]] | None = None,
) -> None:
    start = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode()), *(headers or [])]
    await send({"type": "http.response.start", "status": int(status), "headers": start})
    await send({"type": "http.response.body", "body": body})


async def begin_stream(send: Send, content_type: bytes, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """The head of an answer that comes in chunks."""
    start = [(b"content-type", content_type), *headers]
    await send({"type": "http.response.start", "status": 200, "headers": start})
