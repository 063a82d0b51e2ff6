"""What would become of a file: everything is read and decoded, nothing is written."""

from collections import Counter
from collections.abc import Callable, Collection, Set
from dataclasses import dataclass, field

import numpy as np

from events.decoding import decode
from events.event_types import EventTypes
from events.importing.block import Block

SHOWN_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Example:
    """A refused line: its number among the file's events from 1, what was wrong, and its beginning."""

    number: int
    detail: str
    line: str


@dataclass(slots=True)
class Forecast:
    """How many events would be taken, and refused by code, with the first examples of each code."""

    taken: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)
    devices: set[str] = field(default_factory=set)

    @property
    def events(self) -> int:
        return self.taken + sum(self.refused.values())

    def refuse(self, code: str, detail: str, number: int, line: bytes) -> None:
        self.refused[code] += 1
        shown = self.examples.setdefault(code, [])
        if len(shown) < SHOWN_EXAMPLES:
            shown.append(Example(number, detail, line[:200].decode("utf-8", "replace")))


class DryRun:
    """Decodes blocks as the reformer will. `known` is None where unknown devices would be registered."""

    def __init__(self, *, types: EventTypes, now: int, known: Callable[[Collection[str]], Set[str]] | None) -> None:
        self._types, self._now, self._known = types, now, known
        self.forecast = Forecast()

    def look_at(self, block: Block) -> None:
        lines, before = block.lines, self.forecast.events
        decoded = decode(
            lines,
            received_at=np.full(len(lines), self._now, dtype=np.int64),
            arrival=np.arange(before, before + len(lines), dtype=np.int64),
            types=self._types,
            own_times=True,
        )
        for refused in decoded.refused:
            refusal = refused.refusal
            detail = f"{refusal.pointer}: {refusal.detail}" if refusal.pointer else refusal.detail
            self.forecast.refuse(refusal.code, detail, before + refused.line + 1, lines[refused.line])
        self._count_taken(
            [str(device) for device in decoded.batch.column("device_id").to_pylist()], decoded.lines, lines, before
        )

    def _count_taken(self, devices: list[str], rows: np.ndarray, lines: list[bytes], before: int) -> None:
        seen = set(devices)
        unknown = seen - self._known(seen) if self._known else set()
        self.forecast.devices |= seen
        if not unknown:
            self.forecast.taken += len(devices)
            return
        for device, row in zip(devices, rows.tolist(), strict=True):
            if device in unknown:
                detail = f"There is no device {device}; --register would create it."
                self.forecast.refuse("unknown_device", detail, before + row + 1, lines[row])
            else:
                self.forecast.taken += 1
