"""The body of a request: what it says it is, and its bytes."""

from collections.abc import Awaitable, Callable, MutableMapping
from enum import Enum
from typing import Any

from events.ingest.answers import NotTaken

_DRAINED = 64 * 1024 * 1024

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Media(Enum):
    JSON = "application/json"
    NDJSON = "application/x-ndjson"


class ClientGone(Exception):
    """The client left before the body was complete."""


def media_of(content_type: str) -> Media:
    """The media type the header names, JSON when it is empty; raises `NotTaken` 415."""
    name, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [value.strip('"') for key, _, value in (p.partition("=") for p in parameters) if key == "charset"]
    if name not in ("", Media.JSON.value, Media.NDJSON.value):
        raise NotTaken(415, "The body must be application/json or application/x-ndjson.")
    if any(charset not in ("utf-8", "utf8") for charset in charsets):
        raise NotTaken(415, "The body must be UTF-8.")
    return Media(name or Media.JSON.value)


def packed_of(content_encoding: str) -> bool:
    """Whether the body comes in gzip; raises `NotTaken` 415 for any other coding."""
    coding = content_encoding.strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise NotTaken(415, "The content coding must be gzip or identity.", accept_encoding="gzip, identity")
    return coding.endswith("gzip")


async def received(receive: Receive, *, declared: str, max_bytes: int) -> bytes:
    """The body as sent; raises `NotTaken` 413 and `ClientGone`.

    What is too large is still received for a while, for many clients read no answer before they have sent all.
    """
    if declared.isdigit() and int(declared) > _DRAINED:
        raise _too_large(max_bytes, connection="close")
    body, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size <= max_bytes:
            body += part
        if size > _DRAINED:
            raise _too_large(max_bytes, connection="close")
        if not message.get("more_body"):
            break
    if size > max_bytes:
        raise _too_large(max_bytes)
    return bytes(body)


def _too_large(max_bytes: int, **headers: str) -> NotTaken:
    return NotTaken(413, f"The body is larger than {max_bytes} bytes as sent.", **headers)
