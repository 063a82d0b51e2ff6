"""One POST to somebody else's server, which may hang, lie or redirect: a deadline for all of it, no redirects, a
judged address, and no more of the answer than anybody will read."""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore

from views_engine.notifying import addresses

MOST_READ = 2048
"""Bytes of an answer that are read, for the log of attempts."""


class NotDelivered(Exception):
    """The message was not taken. The sentence says why, without the address, which may be a secret."""


class Hopeless(NotDelivered):
    """And trying again would not help."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`deadline_s` is for everything together, resolving the name included."""

    deadline_s: float
    allow_private: bool


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects only to addresses that were judged."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        address = await addresses.resolve(host, port, allow_private=self.limits.allow_private)
        return await self.network.connect_tcp(address, port, timeout, local_address, socket_options)


async def post(url: str, body: bytes, headers: Mapping[str, str], limits: Limits) -> str:
    """Posts; returns what the server said, `200 ok`. Raises `NotDelivered` for anything but 2xx in time."""
    try:
        async with asyncio.timeout(limits.deadline_s):
            status, text = await _exchange(url, body, headers, limits)
    except TimeoutError:
        raise NotDelivered(f"No answer within {limits.deadline_s:g} s.") from None
    except addresses.Forbidden as error:
        raise Hopeless(str(error)) from None
    except ssl.SSLError as error:
        raise NotDelivered(f"No secure connection: {error.reason}.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError) as error:
        raise NotDelivered(f"No connection: {_kind(error)}.") from None
    return _judged(status, text)


async def _exchange(url: str, body: bytes, headers: Mapping[str, str], limits: Limits) -> tuple[int, str]:
    usual = {"Host": urlsplit(url).netloc, "Content-Type": "application/json", "User-Agent": "iot-event-processor"}
    lines: list[tuple[str | bytes, str | bytes]] = [*usual.items(), *headers.items()]
    async with (
        httpcore.AsyncConnectionPool(network_backend=Guarded(limits)) as pool,
        pool.stream("POST", url, headers=lines, content=body) as answer,
    ):
        read = b""
        async for chunk in answer.aiter_stream():
            read += chunk
            if len(read) >= MOST_READ:
                break
        return answer.status, " ".join(read[:200].decode("utf-8", "replace").split())


def _judged(status: int, text: str) -> str:
    said = f"{status} {text}".strip()
    if 300 <= status < 400:
        raise NotDelivered(f"It answered {status}, and redirects are not followed.")
    if not 200 <= status < 300:
        raise NotDelivered(f"It answered {said}.")
    return said


def _kind(error: BaseException) -> str:
    """What the system calls the reason; texts of libraries may repeat the address."""
    root = error.__cause__ or error.__context__ or error
    if isinstance(root, OSError) and root.strerror:
        return root.strerror
    return type(error).__name__
