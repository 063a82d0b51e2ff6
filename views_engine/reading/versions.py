"""The version of an answer: which set of events it equals, per shard asked."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import orjson


class Position(NamedTuple):
    """How far one shard's views were when they answered: the epoch of the past, the next ordered position."""

    epoch: int
    position: int


Version = Mapping[int, Position]
"""One `Position` per shard asked."""


class BadVersion(ValueError):
    """A version that no answer of ours ever carried; the message says what is wrong with it."""


class _Sent(msgspec.Struct, forbid_unknown_fields=True):
    epoch: int = msgspec.field()
    position: int = msgspec.field()


_decoder = msgspec.json.Decoder(dict[int, _Sent])


def parse_version(text: str, *, shards: int) -> Version:
    """The version a client sends back as JSON, `{"0": {"epoch": 4, "position": 120451}}`; raises `BadVersion`."""
    try:
        sent = _decoder.decode(text.encode())
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise BadVersion(f"not a version: {error}") from error
    for shard, position in sent.items():
        if not 0 <= shard < shards:
            raise BadVersion(f"there is no shard {shard}")
        if min(position.epoch, position.position) < 0 or max(position.epoch, position.position) >= 2**63:
            raise BadVersion(f"epoch and position of shard {shard} are whole numbers from 0 on")
    return {shard: Position(position.epoch, position.position) for shard, position in sent.items()}


def as_json(version: Version) -> dict[str, dict[str, int]]:
    """The `version` member of an answer."""
    return {str(shard): position._asdict() for shard, position in sorted(version.items())}


def as_header(version: Version) -> str:
    """The value of the header `X-View-Version`."""
    return orjson.dumps(as_json(version)).decode()


def from_door(value: Any) -> Position:
    """The position a calculator names in its answer."""
    return Position(int(value["epoch"]), int(value["position"]))
