import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from iotproject.deadlines import App, Deadline, Message, Receive, Scope, Send, whole_body


class Client:
    """Sends these parts of a body, then nothing more, and notes the answer."""

    def __init__(self, parts: Sequence[bytes], *, complete: bool = True) -> None:
        self.messages = [
            {"type": "http.request", "body": part, "more_body": not complete or n < len(parts) - 1}
            for n, part in enumerate(parts)
        ]
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if self.messages:
            return self.messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def ask(self, app: App) -> int:
        await app({"type": "http"}, self.receive, self.send)
        return int(self.sent[0]["status"])


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def page(**limits: Any) -> App:
    return whole_body(echo, **{"timeout_s": 5.0, "max_bytes": 10, **limits})


async def test_a_body_that_does_not_come_is_408() -> None:
    client = Client([b"ab"], complete=False)

    assert await client.ask(Deadline(echo, timeout_s=0.01)) == 408
    assert orjson.loads(client.sent[1]["body"])["status"] == 408
    assert (b"connection", b"close") in client.sent[0]["headers"]


async def test_a_body_in_time_is_handed_on() -> None:
    client = Client([b"ab", b"c"])

    assert await client.ask(Deadline(echo, timeout_s=5.0)) == 200
    assert client.sent[1]["body"] == b"abc"


async def test_the_deadline_ends_with_the_body() -> None:
    """Waiting for a client to leave is not waiting for its body."""

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    assert await Client([b"x"]).ask(Deadline(waits, timeout_s=0.01)) == 200


async def test_a_page_gets_its_body_whole() -> None:
    client = Client([b"ab", b"c"])

    assert await client.ask(page()) == 200
    assert client.sent[1]["body"] == b"abc"


async def test_a_slow_body_never_reaches_the_page() -> None:
    assert await Client([b"ab"], complete=False).ask(page(timeout_s=0.01)) == 408


async def test_too_large_a_body_is_413() -> None:
    assert await Client([b"12345", b"67890", b"1"]).ask(page()) == 413
