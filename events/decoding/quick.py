"""The quick reader: whole columns of lines that are certainly plain, and the numbers of all the others.

A line is plain when it holds nothing but members the contract names, each with a value that is certainly right and no
`null`, in a payload of a type that can be
judged by columns. Then a typed decoder and column arithmetic say exactly what the exact reader
would say, many times faster. Everything else is left to the exact reader, so a doubt costs time and never truth.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from events.decoding import payloads
from events.decoding.columns import where, where_none
from events.decoding.exact import DEVICE_ID, MAX_SEQ
from events.decoding.times import parse_time, parse_times
from events.event import NO_SEQ
from events.event_types import EventTypes

_BAD_EVENT_ID = re.compile(r"[^\x21-\x7e]")
_DOOR_MEMBERS: list[Any] = [
    ("device_id", str),
    ("event_type", str),
    ("payload", msgspec.Raw),
    ("observed_at", str | None, None),
    ("event_id", str | None, None),
    ("seq", int | None, None),
]
_plain = msgspec.json.Decoder(
    msgspec.defstruct("Plain", _DOOR_MEMBERS, forbid_unknown_fields=True, gc=False, frozen=True)
)
_plain_with_times = msgspec.json.Decoder(
    msgspec.defstruct(
        "PlainWithTimes",
        [*_DOOR_MEMBERS, ("received_at", str | None, None)],
        forbid_unknown_fields=True,
        gc=False,
        frozen=True,
    )
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Plain events as columns of one length. `lines` says which line each row came from, in rising order.

    `event_id` holds None where none was sent. `timeless` is true where `observed_at` is to become the receive time.
    """

    lines: NDArray[np.int64]
    device_id: list[str]
    event_type: list[str]
    event_id: list[str | None]
    seq: NDArray[np.int64]
    observed_at: NDArray[np.int64]
    timeless: NDArray[np.bool_]
    own_time: NDArray[np.int64]
    has_own_time: NDArray[np.bool_]
    readings: payloads.Readings


def read(lines: Sequence[bytes], *, types: EventTypes, own_times: bool = False) -> tuple[Columns, list[int]]:
    """The plain lines as columns, and the indexes of all the others, rising."""
    decode = (_plain_with_times if own_times else _plain).decode
    found: list[Any] = []
    for line in lines:
        try:
            found.append(decode(line))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            found.append(None)
    rows = np.flatnonzero(~where_none(found))
    plain = found if len(rows) == len(found) else [found[row] for row in rows.tolist()]
    return _columns(lines, rows, plain, types, own_times)


def _columns(
    lines: Sequence[bytes], rows: NDArray[np.int64], found: list[Any], types: EventTypes, own_times: bool
) -> tuple[Columns, list[int]]:
    observed_at, timeless, times_known = _times([event.observed_at for event in found])
    own = [event.received_at for event in found] if own_times else [None] * len(found)
    own_time, no_own_time, own_known = _times(own)
    seq, seq_known, seq_sent = _seqs([event.seq for event in found])
    event_id = [event.event_id for event in found]
    device_id = [event.device_id for event in found]
    event_type = [event.event_type for event in found]
    readings = payloads.read([event.payload for event in found], event_type, types)
    good = times_known & own_known & seq_known & _ids_good(event_id) & where(device_id, _is_device_id) & readings.known
    strings = 10 + 4 * ~timeless + 4 * ~no_own_time + 2 * seq_sent + 4 * ~where_none(event_id) + readings.strings
    good &= _nothing_else(lines, rows, strings)
    columns = Columns(
        lines=rows,
        device_id=device_id,
        event_type=event_type,
        event_id=event_id,
        seq=seq,
        observed_at=observed_at,
        timeless=timeless,
        own_time=own_time,
        has_own_time=~no_own_time,
        readings=readings,
    )
    return _kept(columns, good, len(lines))


def _kept(columns: Columns, good: NDArray[np.bool_], lines: int) -> tuple[Columns, list[int]]:
    plain = np.zeros(lines, np.bool_)
    plain[columns.lines[good]] = True
    others: list[int] = np.flatnonzero(~plain).tolist()
    if good.all():
        return columns, others
    return Columns(
        lines=columns.lines[good],
        device_id=list(compress(columns.device_id, good)),
        event_type=list(compress(columns.event_type, good)),
        event_id=list(compress(columns.event_id, good)),
        seq=columns.seq[good],
        observed_at=columns.observed_at[good],
        timeless=columns.timeless[good],
        own_time=columns.own_time[good],
        has_own_time=columns.has_own_time[good],
        readings=columns.readings.kept(good),
    ), others


def _nothing_else(lines: Sequence[bytes], rows: NDArray[np.int64], quotes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a line holds exactly so many quotation marks and no backslash.

    Without backslashes every string costs two marks. So a line with no more marks than the strings that were decoded
    holds no other string: no member twice, no `null` member. Every line has at least as many, which lets one count
    over all lines speak for each of them.
    """
    chosen = lines if len(rows) == len(lines) else [lines[row] for row in rows.tolist()]
    joined = b"\n".join(chosen)
    if joined.count(b'"') == int(quotes.sum()) and b"\\" not in joined:
        return np.ones(len(chosen), np.bool_)
    counts = np.fromiter((line.count(b'"') for line in chosen), np.int64, len(chosen))
    escaped = np.fromiter((b"\\" in line for line in chosen), np.bool_, len(chosen))
    alone: NDArray[np.bool_] = (counts == quotes) & ~escaped
    return alone


def _times(texts: list[str | None]) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Milliseconds, where there was none, and where that is certain."""
    absent = where_none(texts)
    if absent.all():
        return np.zeros(len(texts), np.int64), absent, absent
    times, known = parse_times([text or "" for text in texts])
    known |= absent
    for row in np.flatnonzero(~known).tolist():
        try:
            times[row] = parse_time(texts[row] or "")
            known[row] = True
        except ValueError:
            continue
    return times, absent, known


def _seqs(sent: list[int | None]) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """The numbers with `NO_SEQ` where there was none, where they are in range, and where one was sent."""
    present = ~where_none(sent)
    if present.all():
        try:
            numbers = np.array(sent, np.int64)
            return numbers, numbers >= 0, present
        except OverflowError:
            pass  # some are beyond 64 bits: one by one
    good = np.fromiter((seq is None or 0 <= seq <= MAX_SEQ for seq in sent), np.bool_, len(sent))
    kept = [NO_SEQ if seq is None or not fits else seq for seq, fits in zip(sent, good.tolist(), strict=True)]
    return np.array(kept, np.int64), good, present


def _ids_good(event_ids: list[str | None]) -> NDArray[np.bool_]:
    lengths = np.fromiter(map(len, (sent if sent is not None else "?" for sent in event_ids)), np.int64, len(event_ids))
    good = (lengths >= 1) & (lengths <= 64)
    if _BAD_EVENT_ID.search("".join(filter(None, event_ids))):
        good &= np.fromiter((not _BAD_EVENT_ID.search(sent or "") for sent in event_ids), np.bool_, len(event_ids))
    return good


def _is_device_id(text: str) -> bool:
    return DEVICE_ID.fullmatch(text) is not None
