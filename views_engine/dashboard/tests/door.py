"""A private door over real HTTP that says what a test tells it to."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

SECRET = "between-us"


@dataclass
class Seat:
    address: str
    fence: int = 1
    calculator: str = "calculator-0"


@dataclass
class FakeDoor:
    """Serves `GET /changes` with the plan's lines: the standing first, then what is told by `tell`."""

    position: int = 10
    epoch: int = 1
    seen: list[bytes] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    fence: int = 1

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        self.seat = Seat(f"http://127.0.0.1:{port}", self.fence)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.hang_up()
        self.server.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n")
        self.writers.append(writer)
        self.write(writer, self.line())

    def hang_up(self) -> None:
        for writer in self.writers:
            writer.close()
        self.writers.clear()

    def line(self, *changes: dict[str, Any], corrected: Iterable[str] = ()) -> dict[str, Any]:
        version = {"epoch": self.epoch, "position": self.position}
        counts = {"applied": len(changes), "late": 0, "duplicate": 0}
        return {"version": version, "clock": 1, "changes": list(changes), "corrected": list(corrected), **counts}

    def tell(self, *changes: dict[str, Any], corrected: Iterable[str] = ()) -> None:
        self.position += 1
        for writer in self.writers:
            self.write(writer, self.line(*changes, corrected=corrected))

    @staticmethod
    def write(writer: asyncio.StreamWriter, line: dict[str, Any]) -> None:
        writer.write(orjson.dumps(line) + b"\n")


def reading(device_id: str = "a", value: int = 21_500_000, event_type: str = "temperature") -> dict[str, Any]:
    return {
        "device_id": device_id,
        "kind": "reading",
        "event_type": event_type,
        "observed_at": 1_769_860_800_000,
        "value": value,
    }
