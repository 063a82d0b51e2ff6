"""The whole way in one process, for tests: a log in memory, a reformer, calculators behind their real private doors.

Time is handed in: `now` moves only when a test moves it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from blackboard import board
from blackboard.decisions import decide
from blackboard.loop import Worker, now_ms
from events.event_types import BUILT_IN
from events.log.base import Entry, Log, Topic, shard_of
from events.records import Source, raw_entry
from events.reformer.decisions import Decisions
from events.reformer.worker import Reformer
from views_engine.alerts.mirror import Mirror
from views_engine.alerts.source import StoreSource
from views_engine.api.times import iso
from views_engine.calculator.changes import Changes
from views_engine.calculator.door_server import DoorServer
from views_engine.calculator.serving import Door
from views_engine.calculator.store import Store
from views_engine.calculator.worker import Calculator

START_MS = 1_770_000_000_000


class Pipeline:
    """Takes in events at `now` (ms) and calculates until nothing is left to do."""

    def __init__(self, log: Log, *, secret: str) -> None:
        self.log, self.secret, self.now = log, secret, START_MS
        self.decisions = Decisions(lambda: self.now)
        self.reformers = [self._reformer(shard) for shard in range(log.shards)]
        self.calculators = [_calculator(log, shard) for shard in range(log.shards)]
        self.mirrors: dict[int, Mirror] = {}
        self.servers = [self.serve(shard) for shard in range(log.shards)]

    def serve(self, shard: int) -> DoorServer:
        """Opens a door of the shard's calculator and makes it live on the blackboard."""
        server = self.open_door(shard)
        board.register(name=f"calculator-{shard}", host="here", pid=1, shard=shard, address=server.address)
        for move in decide(board.facts(), now_ms()):
            board.apply(move)
        self.mirrors[shard].step()
        return server

    def open_door(self, shard: int) -> DoorServer:
        calculator = self.calculators[shard]
        door = Door(store=calculator.store, changes=calculator.changes, secret=self.secret, patience_s=0.2)
        source = StoreSource(calculator.store, shard)
        self.mirrors[shard] = Mirror(source, shard, lambda: _fence(shard), door.mirrored)
        server = DoorServer(door)
        server.start()
        return server

    def send(self, *events: Mapping[str, Any]) -> None:
        """One raw record per shard with these events as their POST would have written them."""
        entries: list[Entry] = []
        for shard in range(self.log.shards):
            lines = [orjson.dumps(event) for event in events if shard_of(event["device_id"], self.log.shards) == shard]
            if lines:
                entries.append(raw_entry(lines, shard=shard, received_at=self.now, source=Source.DOOR))
        self.log.append(Topic.RAW, entries)

    def settle(self) -> None:
        """Until late events are repaired, too: their epoch marker comes with time."""
        for _ in range(3):
            self.now += 1_000
            workers: list[Worker] = [*self.reformers, *self.calculators, *self.mirrors.values()]
            for worker in workers:
                while worker.step():
                    continue

    def close(self) -> None:
        for server in self.servers:
            server.stop()
        for calculator in self.calculators:
            calculator.close()

    def _reformer(self, shard: int) -> Reformer:
        return Reformer(
            log=self.log,
            shard=shard,
            clock=lambda: self.now,
            types=lambda: BUILT_IN,
            known_devices=lambda ids: ids,
            dead_letters=lambda letters: None,
            controls=self.decisions.behind,
        )


def _fence(shard: int) -> int | None:
    seat = board.live(shard)
    return seat.fence if seat else None


def _calculator(log: Log, shard: int) -> Calculator:
    return Calculator(log=log, shard=shard, store=Store.open(":memory:"), changes=Changes())


def reading(device_id: str, event_type: str, at: int, value: float, **more: Any) -> dict[str, Any]:
    """An event with one number, observed at `at` (ms)."""
    event = {"device_id": device_id, "event_type": event_type, "payload": {"value": value}, "observed_at": iso(at)}
    return {**event, **more}


def position(device_id: str, at: int, latitude: float, longitude: float, **more: Any) -> dict[str, Any]:
    """A location event observed at `at` (ms); `more` goes into the payload."""
    payload = {"latitude": latitude, "longitude": longitude, **more}
    return {**reading(device_id, "location", at, 0.0), "payload": payload}


def sent(device_ids: Sequence[str], *, every_ms: int, count: int, start: int = START_MS) -> list[dict[str, Any]]:
    """Temperatures of several devices, one every `every_ms` until `count` each."""
    return [
        reading(device_id, "temperature", start + number * every_ms, 20 + number / 8)
        for number in range(count)
        for device_id in device_ids
    ]
