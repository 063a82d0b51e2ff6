"""The event: one observation of one device, what it is identified by and how it is ordered. Pure."""

from dataclasses import dataclass, field
from hashlib import md5
from typing import Any, NamedTuple

import orjson

NO_SEQ = -1
"""`seq` of an event that carries none: it sorts before every real one."""

MICRO = 1_000_000
"""Canonical numbers are whole millionths of their unit."""

TIMELESS_WINDOW_MS = 24 * 3600 * 1000
"""For so long an `event_id` sent without a time names the same event again."""


class Refusal(ValueError):
    """Why an event cannot be taken: a `code` of the contract, where (`pointer`), and a sentence (`detail`)."""

    def __init__(self, code: str, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.pointer, self.detail = code, pointer, detail


class OrderKey(NamedTuple):
    """The place of an event in its device's history; a pure function of the event, never of its arrival."""

    observed_at: int
    seq: int
    event_type: bytes
    event_id: bytes
    timeless: bool


class Identity(NamedTuple):
    device_id: str
    event_type: str
    observed_at: int
    event_id: str
    timeless: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A payload in canonical form: whole millionths of the canonical unit, or of a degree for positions."""

    value: int | None = None
    latitude: int | None = None
    longitude: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One accepted event. Times are milliseconds since 1970 in UTC; `payload` is the JSON text as it was sent.

    `arrival` counts the events of its shard's raw log from 0: the one number that tells of the order of arrival.
    """

    device_id: str
    event_type: str
    event_id: str
    seq: int
    observed_at: int
    received_at: int
    timeless: bool
    reading: Reading
    payload: str
    content: int
    arrival: int = field(default=0)

    @property
    def identity(self) -> Identity:
        return Identity(self.device_id, self.event_type, self.observed_at, self.event_id, self.timeless)

    @property
    def order_key(self) -> OrderKey:
        return OrderKey(self.observed_at, self.seq, self.event_type.encode(), self.event_id.encode(), self.timeless)


def canonical(number: float) -> int:
    """Whole millionths of `number`: times 10⁶ in doubles, to the nearest integer, ties to even."""
    return round(number * 1e6)


def content_of(*, value: int | None, seq: int, payload: dict[str, Any]) -> int:
    """A signed 64-bit fingerprint of what an event says, equal for equal content.

    Content is the canonical value, `seq`, and the payload without `value` and `unit`; members are compared as JSON
    values, so neither their order nor 1 against 1.0 makes a difference.
    """
    rest = {name: member for name, member in payload.items() if name not in ("value", "unit")}
    return fingerprint(f"{value}|{seq}|{canonical_json(rest)}" if rest else f"{value}|{seq}|")


def fingerprint(text: str) -> int:
    """The first eight bytes of the text's MD5 as a signed integer; tells contents apart, protects nothing."""
    return int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[:8], "big", signed=True)


def derived_id(content: int) -> str:
    """The `event_id` of an event that was sent without one: 16 hexadecimal digits of its content."""
    return f"{content & 0xFFFF_FFFF_FFFF_FFFF:016x}"


def arrival_id(arrival: int) -> str:
    """The `event_id` of an event sent with neither id nor time: nothing else tells two of them apart."""
    return f"arrival.{arrival}"


def canonical_json(value: Any) -> str:
    """JSON text that is equal for equal values: sorted members, whole doubles written as integers."""
    return orjson.dumps(_plain(value), option=orjson.OPT_SORT_KEYS).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return _plain(int(value))
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return {"integer": str(value)}
    return value
