"""One line of the raw log, read as docs/api.md says: an `Observed`, or `Refused` with the contract's code."""

import json
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any, NamedTuple

from views_engine.verify.json_text import NotJson, canonical_text, member_text, parse
from views_engine.verify.payloads import Reading, Refused, custom_reading, readings
from views_engine.verify.times import milliseconds

DEVICE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
EVENT_ID = re.compile(r"[!-~]{1,64}")
NO_SEQ = -1


class Observed(NamedTuple):
    """A well-formed event. Its first five fields are its order; with the device, four of them are its identity."""

    observed_at: int
    seq: int
    event_type: str
    event_id: str
    timeless: bool
    device_id: str
    received_at: int
    value: int | None
    latitude: int | None
    longitude: int | None
    payload: str
    arrival: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the raw log does not say: the settings in force, and what only a registry knew at the time.

    `custom_types` are the slugs people defined. `refused` says of some arrivals that they are no events by what the
    registry knew, and their fate: `unknown_device`, or `invalid` where a custom type or its schema was against it.
    """

    max_clock_ahead_ms: int = 300_000
    earliest_ms: int = 946_684_800_000
    retention_ms: int | None = None
    max_depth: int = 32
    custom_types: Container[str] = frozenset()
    refused: Mapping[int, str] = field(default_factory=dict)


def read_line(line: bytes, *, arrival: int, received_at: int, own_times: bool, facts: Facts) -> Observed:
    """Raises `Refused`. With `own_times` the line may say itself when it was received."""
    try:
        text = line.decode()
        sent = parse(text, facts.max_depth)
    except (NotJson, UnicodeDecodeError) as error:
        raise Refused("not_json") from error
    if not isinstance(sent, dict):
        raise Refused("wrong_type")
    return _observed(sent, text, arrival, received_at, own_times, facts)


def _observed(
    sent: dict[str, Any], text: str, arrival: int, received_at: int, own_times: bool, facts: Facts
) -> Observed:
    device_id = _matched(sent.get("device_id"), DEVICE_ID)
    event_type, payload = _named_payload(sent)
    reading = _reading(event_type, payload, arrival, facts)
    if own_times and sent.get("received_at") is not None:
        received_at = milliseconds(sent["received_at"])
    timeless = sent.get("observed_at") is None
    observed_at = received_at if timeless else milliseconds(sent["observed_at"])
    seq = _seq(sent.get("seq"))
    event_id = sent.get("event_id")
    if event_id is not None:
        _matched(event_id, EVENT_ID)
    elif timeless:
        event_id = f"arrival.{arrival}"
    else:
        event_id = derived_id(reading.value, seq, payload)
    as_sent = member_text(text, "payload")
    return Observed(
        observed_at, seq, event_type, event_id, timeless, device_id, received_at, *reading, as_sent, arrival
    )


def content(event: Observed) -> str:
    """What an event says, as text: equal for equal content, whatever the order of members or the unit sent."""
    return content_text(event.value, event.seq, json.loads(event.payload))


def content_text(value: int | None, seq: int, payload: dict[str, Any]) -> str:
    rest = {name: member for name, member in payload.items() if name not in ("value", "unit")}
    return f"{value}|{seq}|{canonical_text(rest) if rest else ''}"


def derived_id(value: int | None, seq: int, payload: dict[str, Any]) -> str:
    """The first 16 hexadecimal digits of the MD5 of the content."""
    return md5(content_text(value, seq, payload).encode(), usedforsecurity=False).hexdigest()[:16]


def _matched(value: Any, pattern: re.Pattern[str]) -> str:
    if value is None:
        raise Refused("missing")
    if not isinstance(value, str):
        raise Refused("wrong_type")
    if not pattern.fullmatch(value):
        raise Refused("bad_id")
    return value


def _seq(value: Any) -> int:
    if value is None:
        return NO_SEQ
    if type(value) is not int:
        raise Refused("wrong_type")
    if not 0 <= value < 2**63:
        raise Refused("out_of_range")
    return value


def _named_payload(sent: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    event_type, payload = sent.get("event_type"), sent.get("payload")
    if event_type is None or payload is None:
        raise Refused("missing")
    if not isinstance(event_type, str) or not isinstance(payload, dict):
        raise Refused("wrong_type")
    return event_type, payload


def _reading(event_type: str, payload: dict[str, Any], arrival: int, facts: Facts) -> Reading:
    if event_type in readings:
        return readings[event_type](payload)
    if event_type not in facts.custom_types:
        raise Refused("unknown_event_type")
    if facts.refused.get(arrival) == "invalid":
        raise Refused("schema")
    return custom_reading(payload)
