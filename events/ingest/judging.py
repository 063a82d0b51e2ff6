"""Which lines of a request may go into the raw log, and what is said of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from events.decoding import Refused, check
from events.event import Refusal
from events.event_types import EventTypes
from events.ingest.answers import NotTaken
from events.ingest.body import Media
from events.ingest.cutting import cut, one_line
from events.ingest.limits import Limits
from events.ingest.unpacking import unpacked


@dataclass(frozen=True, slots=True)
class Judged:
    """The good lines of a request with the device of each, in the order they were sent, and all refusals by index.

    `numbers` holds the index of each good line among the `received` ones.
    """

    received: int
    numbers: Sequence[int]
    lines: Sequence[bytes]
    devices: Sequence[str]
    refused: dict[int, Refusal]

    def without(self, bad: dict[str, Refusal]) -> "Judged":
        """The same without the lines of these devices, each refused for the reason given."""
        if not bad:
            return self
        rows = list(zip(self.numbers, self.lines, self.devices, strict=True))
        good = [row for row in rows if row[2] not in bad]
        refused = self.refused | {number: bad[device] for number, _, device in rows if device in bad}
        numbers, lines, devices = zip(*good, strict=True) if good else ((), (), ())
        return Judged(self.received, numbers, lines, devices, refused)

    def errors(self, at_most: int) -> list[dict[str, Any]]:
        """The refusals as the contract lists them, the first ones by index."""
        return [
            {"index": number, "pointer": refusal.pointer, "code": refusal.code, "detail": refusal.detail}
            for number, refusal in sorted(self.refused.items())[:at_most]
        ]


def judge(body: bytes, media: Media, *, packed: bool, limits: Limits, types: EventTypes) -> Judged:
    """Reads a whole body; raises `NotTaken` where it cannot be taken at all."""
    if packed:
        body = unpacked(body, max_bytes=limits.max_unpacked_bytes)
    texts = cut(body, media, limits)
    inside = media is Media.JSON and body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["
    checked = check(texts, types=types, max_depth=limits.max_depth - inside)
    if media is Media.JSON:
        _must_be_readable(checked.refused)
    lines = texts if len(checked.lines) == len(texts) else [texts[number] for number in checked.lines]
    if media is Media.JSON:
        lines = list(map(one_line, lines))
    refused = {fault.line: fault.refusal for fault in checked.refused}
    return Judged(len(texts), checked.lines, lines, checked.devices, refused)


def _must_be_readable(refused: Sequence[Refused]) -> None:
    """In a JSON body one unreadable event makes all of it unreadable."""
    for fault in refused:
        if fault.refusal.code == "not_json":
            raise NotTaken(400, f"The body cannot be read: {fault.refusal.detail}, in event {fault.line}.")
