"""A small HTTP client: keep-alive connections that post as fast as they are answered, at next to no cost."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit


class Connection:
    """One keep-alive connection that posts to one path."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        self._where = urlsplit(address)
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        self._head = f"POST /api/v1/events HTTP/1.1\r\nHost: {self._where.netloc}\r\n{''.join(lines)}".encode()

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(self._where.hostname, self._where.port, limit=2**20)

    async def post(self, body: bytes) -> int:
        """The status of the answer."""
        self._writer.write(self._head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await self._reader.readexactly(int(length.split(b":")[1]))
        return int(head[9:12])

    def close(self) -> None:
        self._writer.close()


async def post_all(address: str, headers: dict[str, str], bodies: Iterable[bytes], connections: int) -> float:
    """Posts every body, each answered 202, over so many connections; the seconds it took."""
    left = iter(bodies)
    lines = [Connection(address, headers) for _ in range(connections)]
    await asyncio.gather(*(line.open() for line in lines))
    began = time.perf_counter()
    await asyncio.gather(*(_drain(line, left) for line in lines))
    seconds = time.perf_counter() - began
    for line in lines:
        line.close()
    return seconds


async def _drain(line: Connection, bodies: Iterator[bytes]) -> None:
    for body in bodies:
        status = await line.post(body)
        assert status == 202, f"answered {status}"
