"""A door on a log in memory, and a client in front of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from devices.registry import Speaker
from devices.roles import Role
from events.event_types import BUILT_IN, EventTypes
from events.ingest import Ingest
from events.ingest.registry import MemoryRegistry
from events.log.base import Entry, LogUnavailable, Record, Topic
from events.log.memory import MemoryLog
from events.tests.lines import NOW

SPEAKERS = {
    "device": Speaker(kind="device", name="device-1"),
    "gateway": Speaker(kind="gateway", name="roof"),
    "registering": Speaker(kind="gateway", name="hall", registers=True),
    "operator": Speaker(kind="person", name="olga", role=Role.OPERATOR),
    "viewer": Speaker(kind="person", name="viktor", role=Role.VIEWER),
    "nobody": Speaker(kind="person", name="nils"),
}


@dataclass
class SmallLimits:
    max_events: int = 100
    max_bytes: int = 20_000
    max_unpacked_bytes: int = 40_000
    max_depth: int = 32
    events_per_second: int = 0


class FullLog(MemoryLog):
    """A log whose disk is full as long as `full` is true."""

    full = True

    def append(self, topic: Topic, entries: Sequence[Entry]) -> None:
        if self.full:
            raise LogUnavailable("the disk is full")
        super().append(topic, entries)


@dataclass
class Desk:
    """The door with all it needs in memory; `seconds` is its clock for paces."""

    log: MemoryLog = field(default_factory=MemoryLog)
    limits: SmallLimits = field(default_factory=SmallLimits)
    types: Callable[[], EventTypes] = lambda: BUILT_IN
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.registry = MemoryRegistry(SPEAKERS, {"device-1", "device-2"})
        self.door = Ingest(
            log=self.log,
            registry=self.registry,
            types=lambda: self.types(),
            limits=self.limits,
            clock=lambda: NOW,
            now=lambda: self.seconds,
        )

    async def post(self, body: bytes, *, token: str = "gateway", media: str | None = None, **headers: str) -> Any:
        """The answer to one request; header names with underscores for hyphens."""
        sent = {"authorization": f"Bearer {token}"} if token else {}
        sent |= {"content-type": media} if media else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        transport = httpx.ASGITransport(self.door)
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            return await client.post("/api/v1/events", content=body, headers=sent)

    async def ndjson(self, *lines: bytes, **options: str) -> Any:
        return await self.post(b"\n".join(lines), media="application/x-ndjson", **options)

    def records(self, shard: int = 0) -> list[Record]:
        return self.log.read(Topic.RAW, shard, 0)

    def lines(self) -> list[bytes]:
        """All lines of the raw log, shard by shard."""
        found = [record.value for shard in range(self.log.shards) for record in self.records(shard)]
        return b"\n".join(found).split(b"\n") if found else []
