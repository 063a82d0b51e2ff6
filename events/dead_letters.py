"""Dead letters in the database: kept, forgotten, mended and replayed."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
from django.db import transaction

from events.decoding import decode
from events.event import Refusal
from events.event_types import EventTypes
from events.letter import Letter
from events.log.base import Entry, Log, Topic, shard_of
from events.models import DeadLetter
from events.records import Source, raw_entry

Known = Callable[[set[str]], Collection[str]]
Replayed = dict[str, Any]


class NotReplayable(Exception):
    """This letter cannot be replayed now; the message says why. Nothing was done."""


class ReplayedAlready(NotReplayable):
    """Once is enough, unless somebody insists."""


class StillRefused(NotReplayable):
    """What would be replayed is no event: `refusals` names the faults by line."""

    def __init__(self, refusals: list[tuple[int, Refusal]]) -> None:
        super().__init__(f"it would be refused again: {refusals[0][1].detail}")
        self.refusals = refusals


def record(letters: Iterable[Letter]) -> None:
    """Keeps letters; one that is there already (by shard and arrival) stays as it is."""
    DeadLetter.objects.bulk_create(map(_row, letters), ignore_conflicts=True, batch_size=500)


def forget(shard: int, arrival: int) -> None:
    """Drops letters from `arrival` on: they belong to a step that was never committed and is judged anew."""
    DeadLetter.objects.filter(shard=shard, arrival__gte=arrival, replayed_at=None).delete()


def fix_and_replay(  # noqa: PLR0913
    letter: DeadLetter,
    raw: str | None = None,
    *,
    log: Log,
    types: EventTypes,
    known: Known,
    now: int,
    max_depth: int = 32,
    force: bool = False,
) -> DeadLetter:
    """Appends the letter, or `raw` in its place, to the raw log as a new arrival and marks it replayed.

    Replays are judged like everything else: what is still in the future ends as a new letter. Raises NotReplayable
    where it would be refused again, its device is unknown, or it was replayed before (unless `force`), and
    LogUnavailable; then the letter stays as it was.
    """
    text = bytes(letter.raw) if raw is None else raw.encode()
    received_at = int(letter.received_at.timestamp() * 1000)
    entries = [_entry(line, each, log, now) for line, each in _events(_lines(text), received_at, types, max_depth)]
    devices = {entry.key for entry in entries}
    if strangers := sorted(devices - set(known(devices))):
        raise NotReplayable(f"the device {strangers[0]} is still unknown: create it first")
    with transaction.atomic():
        _claim(letter, text, now=now, force=force)
        log.append(Topic.RAW, entries)
    return letter


def _row(letter: Letter) -> DeadLetter:
    return DeadLetter(
        shard=letter.shard,
        arrival=letter.arrival,
        events=letter.events,
        reason=letter.reason,
        detail=letter.detail,
        pointer=letter.pointer,
        device_id=letter.device_id,
        received_at=datetime.fromtimestamp(letter.received_at / 1000, UTC),
        raw=letter.raw,
    )


def _lines(text: bytes) -> list[bytes]:
    """One event a line. In JSON a line break is only ever space, so one event may well be written on several."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return [line for line in text.split(b"\n") if line.strip()] or [b""]
    return [text.replace(b"\r", b" ").replace(b"\n", b" ")]


def _events(
    lines: list[bytes], received_at: int, types: EventTypes, max_depth: int
) -> Iterator[tuple[bytes, Replayed]]:
    """Each line and what of its event matters here; raises StillRefused if one of them is no event."""
    count = len(lines)
    decoded = decode(
        lines,
        received_at=np.full(count, received_at, np.int64),
        arrival=np.arange(count),
        types=types,
        max_depth=max_depth,
    )
    if decoded.refused:
        raise StillRefused([(refused.line, refused.refusal) for refused in decoded.refused])
    return zip(lines, decoded.batch.select(["device_id", "received_at", "timeless"]).to_pylist(), strict=True)


def _entry(line: bytes, event: Replayed, log: Log, now: int) -> Entry:
    """A replay is received now; but where the receipt is the only time an event has, it keeps its first one."""
    return raw_entry(
        [line],
        shard=shard_of(event["device_id"], log.shards),
        received_at=event["received_at"] if event["timeless"] else now,
        source=Source.REPLAY,
        key=event["device_id"],
    )


def _claim(letter: DeadLetter, text: bytes, *, now: int, force: bool) -> None:
    """Marks the letter; of two people who press the button at once, one is told that it is done."""
    replayed_at = datetime.fromtimestamp(now / 1000, UTC)
    rows = DeadLetter.objects.filter(pk=letter.pk)
    unclaimed = rows if force else rows.filter(replayed_at=None)
    if unclaimed.update(replayed_at=replayed_at, raw=text) != 1:
        raise ReplayedAlready("it was replayed already")
    letter.replayed_at, letter.raw = replayed_at, text
