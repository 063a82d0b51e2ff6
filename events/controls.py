"""Control records: what people decide travels in the ordered log, and every replica meets it at the same position."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class Scope(msgspec.Struct, frozen=True):
    """Whom a rule judges: every device that is named, or has one of the types, groups or tags. Empty: every device."""

    devices: Sequence[str] = ()
    device_types: Sequence[str] = ()
    groups: Sequence[str] = ()
    tags: Sequence[str] = ()


class RuleVersion(msgspec.Struct, frozen=True, tag="rule", kw_only=True):
    """One version of a rule. It judges observations from `effective_from` (ms) on, until a higher version does.

    `parameters` are those of the contract, as people gave them. A version that is not `enabled` judges nothing.
    """

    rule: int
    version: int
    name: str
    kind: str
    event_type: str | None
    severity: str
    parameters: Mapping[str, Any]
    scope: Scope = Scope()
    enabled: bool = True
    effective_from: int


class DeviceFacts(msgspec.Struct, frozen=True, tag="device", kw_only=True):
    """What scopes ask of a device, from `since` (ms) on. Its first facts that name anything hold for all its past."""

    device_id: str
    since: int
    device_type: str | None = None
    groups: Sequence[str] = ()
    tags: Sequence[str] = ()


class Unreadable(msgspec.Struct, frozen=True):
    """A decision that this code does not understand, as a newer one may have written it: JSON, and why not."""

    text: bytes
    reason: str


class Control(msgspec.Struct, frozen=True):
    """One decision. Numbers rise by one; every shard sees those that concern it, in their order."""

    number: int
    body: RuleVersion | DeviceFacts | Unreadable


class _Written(msgspec.Struct, frozen=True):
    number: int
    body: msgspec.Raw


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(list[_Written])
_bodies: "msgspec.json.Decoder[RuleVersion | DeviceFacts]" = msgspec.json.Decoder(RuleVersion | DeviceFacts)


def write_controls(controls: Sequence[Control]) -> bytes:
    """As JSON, the same bytes for the same decisions; what is unreadable stays as it was."""
    return _encoder.encode([_Written(control.number, msgspec.Raw(text_of(control.body))) for control in controls])


def read_controls(value: bytes) -> list[Control]:
    return [Control(written.number, body_of(bytes(written.body))) for written in _decoder.decode(value)]


def text_of(body: RuleVersion | DeviceFacts | Unreadable) -> bytes:
    return body.text if isinstance(body, Unreadable) else _encoder.encode(body)


def body_of(text: bytes) -> RuleVersion | DeviceFacts | Unreadable:
    try:
        return _bodies.decode(text)
    except msgspec.MsgspecError as error:
        return Unreadable(text, str(error))
