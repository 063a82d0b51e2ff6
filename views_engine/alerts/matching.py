"""Which record belongs to which interval: pure, of one rule and one device.

An interval covers its time from `started_at` on, up to and without `cleared_at`: the reading that clears it is no part
of it any more. Two that touch in a point do not overlap; two that start together do, however short they are.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import Any

import msgspec

FOREVER = 2**63 - 1


class Kind(StrEnum):
    """What a round did to a record. All but `GROWN` are revisions."""

    RAISED = "raised"
    CHANGED = "changed"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    REOPENED = "reopened"
    GROWN = "grown"
    """It is still open, and its value has become more extreme: the ordinary course of an alert."""


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """What an alert says; times are milliseconds of observation, `value` is in millionths, open ones have no end."""

    started_at: int
    raised_at: int
    cleared_at: int | None
    value: int | None
    severity: str
    rule_name: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it stands. One that was withdrawn while it was open reaches to what was known then (`reach`, ms)."""

    id: int
    says: Interval
    withdrawn: bool = False
    reach: int | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do. `record` None: make a new one, split off `split_from` if that is a record.

    `says` is what the record says from now on; None leaves it as it was. `into` is the record it was merged into.
    """

    kind: Kind
    record: int | None
    says: Interval | None = None
    into: int | None = None
    split_from: int | None = None


def match(records: Sequence[Known], intervals: Sequence[Interval]) -> list[Change]:
    """What makes the records follow the intervals; nothing for those that do already.

    Afterwards every interval has exactly one record that is not withdrawn, and every such record its interval:
    - a record stays with the earliest interval it overlaps that no earlier record stays with;
    - where an earlier record stays with all it overlaps, it is merged into that one; where it overlaps none, withdrawn;
    - an interval that is left takes the earliest withdrawn record it overlaps, which is reopened, or else a new one.
    """
    wanted = sorted(intervals, key=_covers)
    active = sorted((record for record in records if not record.withdrawn), key=_record_order)
    withdrawn = sorted((record for record in records if record.withdrawn), key=_record_order)
    held, gone = _stay(active, wanted)
    called, new = _call_back(withdrawn, wanted, held)
    stayed = [change for number, record in held.items() if (change := _update(record, wanted[number]))]
    back = [Change(kind=Kind.REOPENED, record=record.id, says=wanted[number]) for number, record in called.items()]
    return [*stayed, *gone, *back, *_split_off([wanted[number] for number in new], active)]


def differences(before: Interval, after: Interval) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, as they were and as they are."""
    old, new = msgspec.structs.asdict(before), msgspec.structs.asdict(after)
    names = [name for name in old if old[name] != new[name]]
    return {name: old[name] for name in names}, {name: new[name] for name in names}


def overlap(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether two stretches (from, up to and without) share a moment, or start together."""
    return first[0] == second[0] or (first[0] < second[1] and second[0] < first[1])


def _stay(active: Sequence[Known], wanted: Sequence[Interval]) -> tuple[dict[int, Known], list[Change]]:
    """Who stays with which interval (by its number), and what becomes of the others."""
    held: dict[int, Known] = {}
    gone: list[Change] = []
    stretches = _Stretches([_covers(interval) for interval in wanted])
    for record in active:
        numbers = stretches.overlapping(_stretch(record))
        free = next((number for number in numbers if number not in held), None)
        if free is not None:
            held[free] = record
        elif numbers:
            gone.append(Change(kind=Kind.MERGED, record=record.id, into=held[numbers[0]].id))
        else:
            gone.append(Change(kind=Kind.WITHDRAWN, record=record.id))
    return held, gone


def _call_back(
    withdrawn: Sequence[Known], wanted: Sequence[Interval], held: Mapping[int, Known]
) -> tuple[dict[int, Known], list[int]]:
    """Which withdrawn records come back for which intervals, and the intervals that nobody is there for."""
    called: dict[int, Known] = {}
    waiting = list(withdrawn)
    left = [number for number in range(len(wanted)) if number not in held]
    for number in left if waiting else ():
        covers = _covers(wanted[number])
        record = next((one for one in waiting if overlap(_stretch(one), covers)), None)
        if record is not None:
            called[number] = record
            waiting.remove(record)
    return called, [number for number in left if number not in called]


def _update(record: Known, interval: Interval) -> Change | None:
    before = record.says
    if before == interval:
        return None
    return Change(kind=_kind(before, interval), record=record.id, says=interval)


def _kind(before: Interval, after: Interval) -> Kind:
    if before.cleared_at is None and after.cleared_at is not None:
        return Kind.CLEARED
    if before.cleared_at is not None and after.cleared_at is None:
        return Kind.REOPENED
    only_value = msgspec.structs.replace(before, value=after.value) == after
    return Kind.GROWN if only_value and after.cleared_at is None else Kind.CHANGED


def _split_off(new: Sequence[Interval], active: Sequence[Known]) -> list[Change]:
    stretches = _Stretches([_stretch(record) for record in active])
    changes: list[Change] = []
    for interval in new:
        origins = stretches.overlapping(_covers(interval))
        origin = active[origins[0]].id if origins else None
        changes.append(Change(kind=Kind.RAISED, record=None, says=interval, split_from=origin))
    return changes


class _Stretches:
    """Stretches by their start, made to find those that another one overlaps."""

    def __init__(self, stretches: Sequence[tuple[int, int]]) -> None:
        self._all = stretches
        self._starts = [start for start, _ in stretches]
        self._ends = list(accumulate((end for _, end in stretches), max))

    def overlapping(self, stretch: tuple[int, int]) -> list[int]:
        """Their numbers, the earliest first."""
        low, high = bisect_left(self._ends, stretch[0]), bisect_right(self._starts, stretch[1])
        return [number for number in range(low, high) if overlap(self._all[number], stretch)]


def _covers(interval: Interval) -> tuple[int, int]:
    return interval.started_at, FOREVER if interval.cleared_at is None else interval.cleared_at


def _stretch(record: Known) -> tuple[int, int]:
    start, end = _covers(record.says)
    return start, end if record.reach is None else min(end, record.reach)


def _record_order(record: Known) -> tuple[int, int, int]:
    return *_stretch(record), record.id
