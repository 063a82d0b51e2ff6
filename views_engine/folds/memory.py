"""The fold engine over plain lists, for tests and simulations: the twin of the one that works on a store. Pure."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from views_engine.folds.columns import columns_of
from views_engine.folds.contract import FoldUnit, Key, Reading
from views_engine.folds.engine import RESTING, Checkpoint, Course, Fault, Folder, Held, Made, Shown
from views_engine.folds.passage import Passage
from views_engine.folds.repair import Patch, Repair, Trigger, Window


class _Device:
    """All that is kept of one device; `readings` are those the unit reads, in their order."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.held: Held = RESTING
        self.taken = 0
        self.made: list[Made] = []
        self.checkpoints: list[Checkpoint] = []
        self.faults: list[Fault] = []


class Memory:
    """One unit's view of some devices. Rows are exact after every call."""

    def __init__(self, unit: FoldUnit[Any]) -> None:
        self.folder = Folder(unit)
        self.devices: defaultdict[str, _Device] = defaultdict(_Device)

    def append(self, readings: Iterable[Reading]) -> None:
        """Takes readings that are in their order and lie behind all those before of their devices."""
        for device, fresh in self._by_device(readings):
            start = len(device.readings)
            device.readings += fresh
            seen = _with_before(device.readings, start) if self._looks_back else fresh
            course = Course(self.folder, device.held, device.taken)
            passage = Passage(self.folder, columns_of(seen, looks_back=self._looks_back), seen.__getitem__)
            passage.feed(course, seen[0].device_id, 0, len(seen))
            device.made += course.made
            device.checkpoints += course.checkpoints
            device.faults += course.faults
            device.held, device.taken = course.held, course.taken

    def insert(self, late: Iterable[Reading]) -> None:
        """Takes readings that belong anywhere in their device's past."""
        for device, fresh in self._by_device(late):
            former = list(device.readings)
            for one in fresh:
                insort(device.readings, one, key=_key)
            for patch in self._patches(device, former, {one.key for one in fresh}):
                _apply(device, patch)

    def rows(self, device_id: str) -> list[Made]:
        return list(self.devices[device_id].made)

    def showing(self, device_id: str) -> Shown | None:
        return self.folder.showing(self.devices[device_id].held)

    def faults(self, device_id: str) -> list[Fault]:
        return list(self.devices[device_id].faults)

    @property
    def _looks_back(self) -> bool:
        return self.folder.unit.looks_back

    def _by_device(self, readings: Iterable[Reading]) -> Iterator[tuple[_Device, list[Reading]]]:
        unit = self.folder.unit
        read = (one for one in readings if unit.event_types is None or one.event_type in unit.event_types)
        for device_id, own in groupby(sorted(read, key=_device_and_key), lambda one: one.device_id):
            if unit.covers(device_id):
                yield self.devices[device_id], list(own)

    def _stirs(self, readings: Sequence[Reading]) -> NDArray[np.bool_] | None:
        return self.folder.stirring(columns_of(readings, looks_back=self._looks_back))

    def _patches(self, device: _Device, former: list[Reading], late: set[Key]) -> list[Patch]:
        repair = Repair(self.folder, self._triggers(device, former, late))
        if repair.wants is not None:
            begin = bisect_left(device.readings, repair.wants, key=lambda one: one.observed_at)
            seen = _with_before(device.readings, begin) if self._looks_back else device.readings[begin:]
            repair.feed(Window(seen, self._stirs(seen), [one.key in late for one in seen], device.checkpoints))
            repair.end()
        return repair.patches

    def _triggers(self, device: _Device, former: list[Reading], late: set[Key]) -> Iterator[Trigger]:
        stirring = self._stirring(former) | self._stirring(device.readings)
        follows = [False, *(one.key in late for one in device.readings[:-1])]
        for one, after_late in zip(device.readings, follows, strict=True):
            if one.key in late or (self._looks_back and after_late):
                checkpoint = _last_before(device.checkpoints, one.key)
                if one.key in stirring or (checkpoint is not None and checkpoint.held is not RESTING):
                    yield Trigger(one.key, checkpoint)

    def _stirring(self, readings: list[Reading]) -> set[Key]:
        """Those that stir, each behind the one that precedes it here."""
        seen = _with_before(readings, 0) if self._looks_back else readings
        mask = self._stirs(seen)
        return {one.key for n, one in enumerate(readings) if mask is None or mask[n]}


def _apply(device: _Device, patch: Patch) -> None:
    def outside(key: Key) -> bool:
        return key < patch.first or (patch.last is not None and key > patch.last)

    device.made = sorted([row for row in device.made if outside(row.key)] + patch.made)
    device.checkpoints = sorted([one for one in device.checkpoints if outside(one.key)] + patch.checkpoints, key=_key)
    device.faults = sorted([one for one in device.faults if outside(one.key)] + patch.faults)
    if patch.last is None:
        device.held, device.taken = patch.held, patch.taken


def _with_before(readings: Sequence[Reading], start: int) -> list[Reading]:
    """The readings from `start` on, each with the one that precedes it."""
    return [
        replace(one, before=None if n == 0 else (readings[n - 1].observed_at, readings[n - 1].value))
        for n, one in enumerate(readings[start:], start)
    ]


def _last_before(checkpoints: Sequence[Checkpoint], key: Key) -> Checkpoint | None:
    found = bisect_left(checkpoints, key, key=_key)
    return checkpoints[found - 1] if found else None


def _key(one: Reading | Checkpoint) -> Key:
    return one.key


def _device_and_key(one: Reading) -> tuple[str, Key]:
    return one.device_id, one.key
