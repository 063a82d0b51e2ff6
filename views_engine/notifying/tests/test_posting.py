"""Servers that hang, lie, redirect, and never end."""

import asyncio
import socket
import time

import pytest

from views_engine.notifying.posting import MOST_READ, Hopeless, Limits, NotDelivered, post
from views_engine.notifying.tests.conftest import Server

HERE = Limits(deadline_s=30, allow_private=True)
HASTY = Limits(deadline_s=0.5, allow_private=True)
AWAY = Limits(deadline_s=30, allow_private=False)


def send(url: str, limits: Limits = HERE) -> str:
    return asyncio.run(post(url, b"{}", {"Idempotency-Key": "k"}, limits))


def test_what_is_taken(server: Server) -> None:
    assert send(server.url) == "200 ok"
    headers, body = server.asked[0]
    assert (headers["Idempotency-Key"], headers["Host"], body) == ("k", server.url.split("/")[2], b"{}")


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_what_is_refused(server: Server, status: int) -> None:
    server.status = status
    with pytest.raises(NotDelivered, match=f"It answered {status} ok"):
        send(server.url)


def test_a_server_that_hangs_is_cut_off(server: Server) -> None:
    server.hang_s = 30
    begun = time.monotonic()
    with pytest.raises(NotDelivered, match=r"No answer within 0\.5 s"):
        send(server.url, HASTY)
    assert time.monotonic() - begun < 10


def test_a_server_that_sends_a_byte_now_and_then_is_cut_off() -> None:
    """Each read by itself would be in time."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\n" + b"x" * 1000:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        except (ConnectionError, asyncio.CancelledError):
            writer.close()

    async def against_it() -> None:
        async with await asyncio.start_server(drip, "127.0.0.1", 0) as dripping:
            port = dripping.sockets[0].getsockname()[1]
            await post(f"http://127.0.0.1:{port}/", b"{}", {}, HASTY)

    with pytest.raises(NotDelivered, match="No answer within"):
        asyncio.run(against_it())


def test_an_answer_that_never_ends_is_not_read_to_its_end(server: Server) -> None:
    server.endless = True
    assert len(send(server.url)) < MOST_READ


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/meta-data", "http://127.0.0.1:1/", "https://x.example/"]
)
def test_redirects_are_not_followed(server: Server, location: str) -> None:
    server.status, server.location = 302, location
    with pytest.raises(NotDelivered, match="It answered 302, and redirects are not followed"):
        send(server.url)
    assert len(server.asked) == 1


def test_a_redirect_to_itself_is_asked_once(server: Server) -> None:
    server.status, server.location = 307, server.url
    with pytest.raises(NotDelivered):
        send(server.url)
    assert len(server.asked) == 1


def test_a_private_address_is_hopeless_and_never_connected_to(server: Server) -> None:
    with pytest.raises(Hopeless, match="not a public address"):
        send(server.url, AWAY)
    assert server.asked == []


def test_the_address_that_was_judged_is_the_one_that_is_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that says something public first and something private afterwards gains nothing."""
    asked: list[object] = []

    async def answer(self: object, host: object, port: int, **_: object) -> list[object]:
        asked.append(host)
        return [(None, None, None, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", answer)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("resolved behind the guard's back"))
    port = server.url.rpartition(":")[2]
    assert send(f"http://changing.example:{port}") == "200 ok"
    assert asked == ["changing.example"]
    assert server.asked[0][0]["Host"].startswith("changing.example:")


def test_nobody_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/secret-path"
        with pytest.raises(NotDelivered, match="No connection") as refused:
            send(address)
    assert "secret-path" not in str(refused.value)


def test_no_such_name() -> None:
    with pytest.raises(NotDelivered, match=r"No connection|No answer"):
        send("http://nowhere.invalid/")


def test_no_secure_connection() -> None:
    """A server that speaks no TLS hangs up on a greeting that it does not understand."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"what?\r\n")
        writer.close()

    async def against_it() -> None:
        async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as plain:
            port = plain.sockets[0].getsockname()[1]
            await post(f"https://127.0.0.1:{port}/", b"{}", {}, HERE)

    with pytest.raises(NotDelivered, match=r"No secure connection|No connection"):
        asyncio.run(against_it())
