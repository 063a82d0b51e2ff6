"""Slow and large heads against the real server."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from iotproject import protocol
from iotproject.protocol import MAX_HEAD_BYTES, GuardedProtocol


async def hello(scope: dict[str, object], receive: object, send: object) -> None:
    assert callable(receive)
    assert callable(send)
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


@asynccontextmanager
async def connection() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """An open connection to a server whose heads may take 0.2 seconds."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(hello, http=GuardedProtocol, lifespan="off", log_config=None, timeout_keep_alive=5)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve([listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            await serving


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "head_timeout_s", lambda: 0.2)


async def test_a_head_that_trickles_is_408() -> None:
    async with connection() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n")

        assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        await reader.read()
        assert reader.at_eof()


async def test_a_connection_that_says_nothing_is_ended() -> None:
    async with connection() as (reader, _):
        assert (await reader.readline()).startswith(b"HTTP/1.1 408")


async def test_the_second_head_of_a_connection_has_its_deadline_too() -> None:
    async with connection() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"hi" in await reader.readuntil(b"hi")
        writer.write(b"GET / HT")

        assert (await reader.readline()).startswith(b"HTTP/1.1 408")


async def test_a_head_without_end_is_431() -> None:
    async with connection() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nx: ")
        for _ in range(8):
            writer.write(b"a" * MAX_HEAD_BYTES)
            await writer.drain()

        assert (await reader.readline()).startswith(b"HTTP/1.1 431")


async def test_a_large_body_is_no_large_head() -> None:
    async with connection() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n" + b"a" * 300_000)

        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
