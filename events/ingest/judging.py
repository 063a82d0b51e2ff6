"""Which lines of a request may go into the raw log, and what is said of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from events.decoding import Refused, batches, decode, exact
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
    numbers, devices, refused = _read(texts, types, limits.max_depth - inside)
    if media is Media.JSON:
        for fault in refused:
            if fault.refusal.code == "not_json":
                raise NotTaken(400, f"The body cannot be read: {fault.refusal.detail}, in event {fault.line}.")
    lines = texts if len(numbers) == len(texts) else [texts[number] for number in numbers]
    if media is Media.JSON:
        lines = list(map(one_line, lines))
    return Judged(len(texts), numbers, lines, devices, {fault.line: fault.refusal for fault in refused})


def _read(texts: list[bytes], types: EventTypes, max_depth: int) -> tuple[list[int], list[str], list[Refused]]:
    """The numbers and devices of the good lines, and the refusals; both readers say the same."""
    if len(texts) <= batches.FEW_LINES:
        return _read_few(texts, types, max_depth)
    unstamped = np.zeros(len(texts), np.int64)
    found = decode(texts, received_at=unstamped, arrival=unstamped, types=types, max_depth=max_depth)
    devices = cast(list[str], found.batch.column("device_id").to_pylist())
    return found.lines.tolist(), devices, found.refused


def _read_few(texts: list[bytes], types: EventTypes, max_depth: int) -> tuple[list[int], list[str], list[Refused]]:
    numbers, devices, refused = [], [], []
    for number, text in enumerate(texts):
        try:
            event = exact.read(text, received_at=0, arrival=0, types=types, max_depth=max_depth)
            numbers.append(number)
            devices.append(event.device_id)
        except Refusal as refusal:
            refused.append(Refused(number, refusal, ""))
    return numbers, devices, refused
