"""Which lines hold an event and of which device, without making columns of them: what the door needs to know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from events.decoding import exact, quick
from events.decoding.batches import FEW_LINES, Refused
from events.event import Refusal
from events.event_types import EventTypes


@dataclass(frozen=True, slots=True)
class Checked:
    """`lines` are the indexes of the good lines, rising, and `devices` whose events they are."""

    lines: list[int]
    devices: list[str]
    refused: list[Refused]


def check(lines: Sequence[bytes], *, types: EventTypes, max_depth: int = 32) -> Checked:
    """The same judgement as `decode`; refusals do not name the device."""
    if len(lines) <= FEW_LINES:
        return _exactly(lines, range(len(lines)), types, max_depth)
    columns, others = quick.read(lines, types=types)
    if not others:
        return Checked(columns.lines.tolist(), columns.device_id, [])
    rest = _exactly(lines, others, types, max_depth)
    good = dict(zip(columns.lines.tolist(), columns.device_id, strict=True))
    good |= dict(zip(rest.lines, rest.devices, strict=True))
    numbers = sorted(good)
    return Checked(numbers, [good[number] for number in numbers], rest.refused)


def _exactly(lines: Sequence[bytes], chosen: Iterable[int], types: EventTypes, max_depth: int) -> Checked:
    found = Checked([], [], [])
    for number in chosen:
        try:
            event = exact.read(lines[number], received_at=0, arrival=0, types=types, max_depth=max_depth)
            found.lines.append(number)
            found.devices.append(event.device_id)
        except Refusal as refusal:
            found.refused.append(Refused(number, refusal, ""))
    return found
