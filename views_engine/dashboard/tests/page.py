"""An open page, as the server sees it: a socket spoken to in ASGI messages."""

from typing import Any

import orjson
from asgiref import testing

Communicator: Any = testing.ApplicationCommunicator
PATIENCE_S = 5


class Page:
    def __init__(self, app: Any, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {"type": "websocket", "path": "/ws/dashboard/", "query_string": b"", "headers": headers}
        self._wire = Communicator(app, {**scope, "subprotocols": []})

    async def connect(self) -> bool:
        """Whether the socket was accepted; a close before that is what the server answers 403 to."""
        await self._wire.send_input({"type": "websocket.connect"})
        answer = await self._wire.receive_output(PATIENCE_S)
        return bool(answer["type"] == "websocket.accept")

    async def hear(self) -> Any:
        message = await self._wire.receive_output(PATIENCE_S)
        assert message["type"] == "websocket.send", message
        return orjson.loads(message["text"])

    async def hears_nothing(self, seconds: float) -> bool:
        return bool(await self._wire.receive_nothing(seconds))

    async def say(self, message: Any) -> None:
        await self.send(text=orjson.dumps(message).decode())

    async def send(self, **content: Any) -> None:
        """`text` or `bytes`, as they are."""
        await self._wire.send_input({"type": "websocket.receive", **content})

    async def leave(self) -> None:
        await self._wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._wire.wait(PATIENCE_S)
