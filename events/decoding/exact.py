"""The exact reader: one line, one event or the reason why not. What it says is the reference."""

import re
from typing import Any

import msgspec
import orjson

from events.decoding.strict import loads
from events.decoding.times import parse_time
from events.event import NO_SEQ, Event, Refusal, arrival_id, content_of, derived_id
from events.event_types import EventType, EventTypes

DEVICE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
EVENT_ID = re.compile(r"[\x21-\x7e]{1,64}")
MAX_SEQ = 2**63 - 1

Document = dict[str, Any]


class _Sent(msgspec.Struct):
    payload: msgspec.Raw


_sent = msgspec.json.Decoder(_Sent)


def read(
    line: bytes, *, received_at: int, arrival: int, types: EventTypes, own_times: bool = False, max_depth: int = 32
) -> Event:
    """The event of this line of JSON; raises `Refusal` with the first thing that is wrong with it.

    Members are judged in the order of the contract: device, type, time, id, seq, payload. With `own_times` the line
    may carry its own `received_at`.
    """
    document = loads(line, max_depth=max_depth)
    if not isinstance(document, dict):
        raise Refusal("wrong_type", "", "an event must be an object")
    device_id = _device_id(document)
    kind = _event_type(document, types)
    own_time = _time(document, "received_at") if own_times else None
    received_at = received_at if own_time is None else own_time
    observed_at = _time(document, "observed_at")
    event_id = _text(document, "event_id", EVENT_ID, "1 to 64 visible ASCII characters")
    seq = _seq(document)
    payload = _payload(document)
    reading = kind.read(payload)
    content = content_of(value=reading.value, seq=seq, payload=payload)
    if event_id is None:
        event_id = arrival_id(arrival) if observed_at is None else derived_id(content)
    return Event(
        device_id=device_id,
        event_type=kind.slug,
        event_id=event_id,
        seq=seq,
        observed_at=received_at if observed_at is None else observed_at,
        received_at=received_at,
        timeless=observed_at is None,
        reading=reading,
        payload=bytes(_sent.decode(line).payload).decode(),
        content=content,
        arrival=arrival,
    )


def claimed_device(line: bytes) -> str:
    """The device a refused line names, as far as it can be made out; else an empty text."""
    try:
        document = orjson.loads(line)
    except ValueError:
        return ""
    device_id = document.get("device_id") if isinstance(document, dict) else None
    return device_id if isinstance(device_id, str) and DEVICE_ID.fullmatch(device_id) else ""


def _device_id(document: Document) -> str:
    device_id = _text(document, "device_id", DEVICE_ID, "1 to 64 of A-Z a-z 0-9 . _ : -")
    if device_id is None:
        raise Refusal("missing", "/device_id", "device_id is required")
    return device_id


def _event_type(document: Document, types: EventTypes) -> EventType:
    slug = _text(document, "event_type", None, "")
    if slug is None:
        raise Refusal("missing", "/event_type", "event_type is required")
    kind = types.get(slug)
    if kind is None:
        raise Refusal("unknown_event_type", "/event_type", f"there is no event type {slug[:64]!r}")
    return kind


def _time(document: Document, name: str) -> int | None:
    text = _text(document, name, None, "")
    if text is None:
        return None
    try:
        return parse_time(text)
    except ValueError as error:
        raise Refusal("bad_time", f"/{name}", f"{name}: {error}") from None


def _seq(document: Document) -> int:
    seq = document.get("seq")
    if seq is None:
        return NO_SEQ
    if isinstance(seq, bool) or not isinstance(seq, int):
        raise Refusal("wrong_type", "/seq", "seq must be an integer")
    if not 0 <= seq <= MAX_SEQ:
        raise Refusal("out_of_range", "/seq", "seq lies between 0 and 2⁶³−1")
    return seq


def _payload(document: Document) -> Document:
    payload = document.get("payload")
    if payload is None:
        raise Refusal("missing", "/payload", "payload is required")
    if not isinstance(payload, dict):
        raise Refusal("wrong_type", "/payload", "payload must be an object")
    return payload


def _text(document: Document, name: str, pattern: re.Pattern[str] | None, promise: str) -> str | None:
    text = document.get(name)
    if text is None:
        return None
    if not isinstance(text, str):
        raise Refusal("wrong_type", f"/{name}", f"{name} must be a string")
    if pattern is not None and not pattern.fullmatch(text):
        raise Refusal("bad_id", f"/{name}", f"{name} must be {promise}")
    return text
