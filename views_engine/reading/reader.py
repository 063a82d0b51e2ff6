"""Reads views wherever they live: asks each shard's live calculator, and waits out a change of role."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from events.log.base import shard_of
from views_engine.reading.door import Batches, Door, DoorFailed, DoorSilent
from views_engine.reading.merging import Order, merge_batches
from views_engine.reading.seats import Seats
from views_engine.reading.versions import Position, Version

Answer = TypeVar("Answer")
Query = tuple[str, Mapping[str, Any]]
"""The name of a door query and its parameters."""

_SHARD = pa.field("shard", pa.int64(), nullable=False)


class Unavailable(Exception):
    """Nobody could answer for longer than readers wait; `reason` says why, in a sentence for people."""

    def __init__(self, reason: str, retry_after_s: int = 1) -> None:
        super().__init__(reason)
        self.reason, self.retry_after_s = reason, retry_after_s


@dataclass(frozen=True, slots=True)
class ShardAnswer:
    """One shard's rows, equal to the events named by `version`; `clock` is its receive clock in milliseconds."""

    shard: int
    version: Position
    clock: int
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Stream:
    """All rows of all shards in order, as they arrive. Iterate `batches` to the end or call `close`."""

    version: Version
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    close: Callable[[], None]


class Reader:
    """Named queries over all shards; may be used by many threads.

    Where a query names `device_ids`, only the shards that hold them are asked. Raises `Unavailable` when a shard
    has had no live calculator for `patience_s` seconds, `BadQuery` when the query itself is wrong.
    """

    def __init__(self, *, door: Door, seats: Seats, shards: int, patience_s: float = 2.0, rest_s: float = 0.05) -> None:
        self.shards = shards
        self._door, self._seats = door, seats
        self._patience_s, self._rest_s = patience_s, rest_s
        self._pool = ThreadPoolExecutor(min(shards, 16), "reading") if shards > 1 else None

    def query(
        self,
        name: str,
        params: Mapping[str, Any],
        *,
        at_least: Version | None = None,
        shards: Sequence[int] | None = None,
    ) -> list[ShardAnswer]:
        """The rows of a query, one answer per shard asked, by shard."""
        (answers,) = self.together([(name, params)], at_least=at_least, shards=shards)
        return answers

    def together(
        self, queries: Sequence[Query], *, at_least: Version | None = None, shards: Sequence[int] | None = None
    ) -> list[list[ShardAnswer]]:
        """The answers of several queries, all of them at the same version; one list per query, by shard."""

        def ask(shard: int, address: str) -> list[ShardAnswer]:
            sent = [(name, _params(params, shard, self.shards)) for name, params in queries]
            replies = self._door.together(address, sent, at_least=_seen(at_least, shard))
            return [ShardAnswer(shard, reply.version, reply.clock, reply.rows) for reply in replies]

        answers = self._each(ask, self._asked([params for _, params in queries], shards))
        return [list(answer) for answer in zip(*answers, strict=True)]

    def stream(
        self,
        name: str,
        params: Mapping[str, Any],
        order: Order,
        *,
        at_least: Version | None = None,
        shards: Sequence[int] | None = None,
    ) -> Stream:
        """All rows of a query as Arrow batches merged by `order`, with one more column: `shard`.

        One batch of each shard is held at a time.
        """
        with ExitStack() as stack:

            def ask(shard: int, address: str) -> Batches:
                sent = _params(params, shard, self.shards) | {"at_least": _seen(at_least, shard)}
                batches = self._door.stream(address, name, sent)
                stack.callback(batches.close)
                return batches

            asked = self._asked([params], shards)
            parts = dict(zip(asked, self._each(ask, asked), strict=True))
            version = {shard: part.version for shard, part in parts.items()}
            schema = parts[asked[0]].schema.append(_SHARD)
            batches = merge_batches([_named(shard, part) for shard, part in parts.items()], order)
            return Stream(version, schema, batches, stack.pop_all().close)

    def mirrored(self, *, at_least: Version | None = None, patience_s: float | None = None) -> Version:
        """Waits until the alert records of every shard follow what its views say now; the version they equal then."""
        patience = self._patience_s if patience_s is None else patience_s

        def ask(shard: int, address: str) -> Position:
            return self._door.mirrored(address, at_least=_seen(at_least, shard), patience_s=patience)

        return dict(enumerate(self._each(ask, range(self.shards), patience)))

    def snapshot(self, shard: int, target: Path) -> None:
        """Writes a copy of the store of the shard's live calculator to `target`."""
        self._each(lambda _, address: self._door.snapshot(address, target), [shard])

    def _each(
        self, ask: Callable[[int, str], Answer], shards: Sequence[int], patience_s: float | None = None
    ) -> list[Answer]:
        """`ask` of every shard's live calculator, as often as need be until patience is over.

        The blackboard is asked in the caller's thread: the threads of the pool have no connection to the database.
        """
        patience = self._patience_s if patience_s is None else patience_s
        until = time.monotonic() + patience
        answers: dict[int, Answer] = {}
        while True:
            began = time.monotonic()
            failed = self._round(ask, [shard for shard in shards if shard not in answers], answers)
            if not failed:
                return [answers[shard] for shard in shards]
            if any(isinstance(failure, DoorSilent) for failure in failed.values()):
                until += time.monotonic() - began  # nobody knew meanwhile that it would not answer
            if time.monotonic() >= until:
                raise Unavailable(_reason(failed))
            time.sleep(self._rest_s)

    def _round(
        self, ask: Callable[[int, str], Answer], shards: Sequence[int], answers: dict[int, Answer]
    ) -> dict[int, DoorFailed]:
        """Asks these shards once and keeps what they answer; returns why others did not."""
        failed: dict[int, DoorFailed] = {}
        addresses = [self._seats.address(shard) for shard in shards]
        for shard, outcome in zip(shards, self._map(partial(_attempt, ask), shards, addresses), strict=True):
            if isinstance(outcome, DoorFailed):
                self._seats.forget(shard)
                failed[shard] = outcome
            else:
                answers[shard] = outcome
        return failed

    def _map(self, attempt: Callable[..., Any], *arguments: Sequence[Any]) -> Iterable[Any]:
        alone = self._pool is None or len(arguments[0]) < 2
        return map(attempt, *arguments) if alone or self._pool is None else self._pool.map(attempt, *arguments)

    def _asked(self, queries: Sequence[Mapping[str, Any]], shards: Sequence[int] | None) -> Sequence[int]:
        """The shards that hold the devices asked for; all of them where any query asks for every device."""
        if shards is not None:
            return shards
        devices = [params.get("device_ids") for params in queries]
        if not all(devices):
            return range(self.shards)
        return sorted({shard_of(one, self.shards) for ids in devices if ids for one in ids})


def _attempt(ask: Callable[[int, str], Answer], shard: int, address: str | None) -> Answer | DoorFailed:
    try:
        return ask(shard, address) if address else DoorFailed("no calculator is live")
    except DoorFailed as failed:
        return failed


def _reason(failed: Mapping[int, DoorFailed]) -> str:
    shard, failure = next(iter(failed.items()))
    return f"shard {shard}: {failure}"


def _named(shard: int, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield batch.append_column(_SHARD, pa.repeat(pa.scalar(shard, pa.int64()), batch.num_rows))


def _params(params: Mapping[str, Any], shard: int, shards: int) -> dict[str, Any]:
    """The parameters as one shard gets them: its own devices, its own `after`, nothing that is absent."""
    sent = dict(params)
    if sent.get("device_ids") is not None:
        sent["device_ids"] = [one for one in sent["device_ids"] if shard_of(one, shards) == shard]
    if isinstance(sent.get("after"), Mapping):
        sent["after"] = sent["after"].get(shard)
    return {name: value for name, value in sent.items() if value is not None}


def _seen(at_least: Version | None, shard: int) -> dict[str, int] | None:
    return at_least[shard]._asdict() if at_least and shard in at_least else None
