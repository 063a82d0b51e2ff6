"""Takes late readings into a device's course. Pure.

A replay starts from the checkpoint before and goes on until what is held equals what is stored.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from views_engine.folds.contract import Key, Reading
from views_engine.folds.engine import ASIDE, RESTING, Checkpoint, Course, Fault, Folder, Held, Made


class Trigger(NamedTuple):
    """A reading that may lead to another course than the stored one, and the last stored checkpoint before it.

    Such are late readings that stir or find their device awake, and what follows a late one where the unit looks back.
    """

    key: Key
    checkpoint: Checkpoint | None

    @property
    def held(self) -> Held:
        return RESTING if self.checkpoint is None else self.checkpoint.held


class Window(NamedTuple):
    """A stretch of a device's readings in their order, late ones among them, with all stored checkpoints within it.

    `stirs` None means all of them. `late` says which are not in the stored course.
    """

    readings: Sequence[Reading]
    stirs: NDArray[np.bool_] | None
    late: Sequence[bool]
    checkpoints: Sequence[Checkpoint]


class Patch(NamedTuple):
    """What takes the place of everything stored from key `first` to key `last`, both included.

    `last` None: to the end; then `held` and `taken` are what the device holds from now on.
    """

    first: Key
    last: Key | None
    made: list[Made]
    checkpoints: list[Checkpoint]
    faults: list[Fault]
    held: Held
    taken: int


class Repair:
    """Recomputes what some triggers change in one device's course; the outcome is `patches`.

    The caller hands over windows, in order and as long as `wants` says so, and then calls `end`.
    """

    def __init__(self, folder: Folder, triggers: Iterable[Trigger]) -> None:
        self.folder = folder
        self.patches: list[Patch] = []
        self._triggers = deque(trigger for trigger in triggers if trigger.held != ASIDE)
        self._course: Course | None = None
        self._first: Key | None = None
        self._last: Key | None = None
        self._stored: Held = RESTING

    @property
    def runs(self) -> bool:
        """Whether a replay is under way that needs whatever comes next."""
        return self._course is not None

    @property
    def wants(self) -> int | None:
        """From which `observed_at` (ms) on readings are needed; None: no more at all."""
        if self._course is not None and self._last is not None:
            return self._last.observed_at
        if not self._triggers:
            return None
        return self._after().observed_at

    def feed(self, window: Window) -> None:
        """Takes the readings after those that were handed over before."""
        stored = deque(window.checkpoints)
        for position, event in enumerate(window.readings):
            key = event.key
            if self._course is None and not self._begins(key):
                _pass(stored, key)
                if not self._triggers:
                    return
                continue
            here = _pass(stored, key)
            self._take(event, here, window, position)

    def end(self) -> None:
        """There are no more readings: what runs, replaces all that is stored behind its start."""
        if self._course is not None:
            self._close(None)

    def _after(self) -> Key:
        """Where the next replay starts: at its trigger while the device rests there, else behind the checkpoint."""
        trigger = self._triggers[0]
        return trigger.key if trigger.checkpoint is None or trigger.held is RESTING else trigger.checkpoint.key

    def _begins(self, key: Key) -> bool:
        if not self._triggers:
            return False
        trigger = self._triggers[0]
        if not (key >= trigger.key if trigger.held is RESTING else key > self._after()):
            return False
        self._start(trigger.held)
        return True

    def _start(self, held: Held) -> None:
        self._course, self._stored, self._first = Course(self.folder, held), held, None

    def _take(self, event: Reading, here: Checkpoint | None, window: Window, position: int) -> None:
        course, key = self._course, event.key
        assert course is not None
        if here is not None:
            self._stored = here.held
        self._first, self._last = self._first or key, key
        awake = course.held is not RESTING
        if course.held != ASIDE and (awake or window.stirs is None or window.stirs[position]):
            course.take(event)
        # The reading after a late one sees it, where the unit looks back: nothing is settled before that.
        if not (window.late[position] and self.folder.unit.looks_back) and self._agrees(key, here):
            self._settle(key)

    def _agrees(self, key: Key, here: Checkpoint | None) -> bool:
        assert self._course is not None
        if self._course.held != self._stored:
            return False
        return self._stored is RESTING or self._stored == ASIDE or (here is not None and here.key == key)

    def _settle(self, key: Key) -> None:
        course = self._course
        assert course is not None
        if course.held is not RESTING:
            course.keep(key)
        self._close(key)
        while self._triggers and (self._triggers[0].key <= key or course.held == ASIDE):
            self._triggers.popleft()
        if self._triggers and self._triggers[0].held is not RESTING and self._after() <= key:
            # Awake all the way to the next trigger, with no stored checkpoint between: the replay just goes on.
            self._start(course.held)

    def _close(self, last: Key | None) -> None:
        course, first = self._course, self._first
        assert course is not None
        if first is not None:
            patch = Patch(first, last, course.made, course.checkpoints, course.faults, course.held, course.taken)
            self.patches.append(patch)
        self._course = None


def _pass(stored: deque[Checkpoint], key: Key) -> Checkpoint | None:
    """The last stored checkpoint up to `key` among those not passed yet."""
    found = None
    while stored and stored[0].key <= key:
        found = stored.popleft()
    return found
