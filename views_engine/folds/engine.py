"""Feeds a device's readings through a fold unit and keeps just enough to take late ones: checkpoints and faults. Pure.

What a device *holds* between two readings is its written state. A device rests while that is the unit's initial
state, and then sees only readings that stir. A reading that the unit cannot take sets the device aside: it holds
nothing any more and puts nothing out from that key on, until a late reading heals or moves the fault.
"""

from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from views_engine.folds.contract import Columns, FoldUnit, Glide, Key, Output, Reading

CHECKPOINT_EVERY = 256
"""How many readings an awake device takes between two checkpoints, at most."""

Held = bytes | None
RESTING: Held = None
ASIDE: Held = b""

_MOST_REASON = 500
_states = msgspec.msgpack.Encoder(order="deterministic")
_bodies = msgspec.json.Encoder()


class Checkpoint(NamedTuple):
    """What a device holds after the reading at `key`: wherever it wakes, falls asleep or is set aside, and now and
    then while it is awake. So the last checkpoint before a moment tells whether the device rested then.
    """

    key: Key
    held: Held


class Made(NamedTuple):
    """A row of the view, the `n`-th of the reading at `key`; `body` is JSON text."""

    key: Key
    n: int
    since: int
    body: str


class Shown(NamedTuple):
    """The row in the making that a held state shows; `body` is JSON text."""

    since: int
    body: str


class Fault(NamedTuple):
    """Why a device was set aside, and at which reading."""

    key: Key
    reason: str


class Folder:
    """A unit, and how its states and rows are written and read again."""

    def __init__(self, unit: FoldUnit[Any]) -> None:
        self.unit = unit
        self._reader = msgspec.msgpack.Decoder(unit.state_type)
        self.initial = _states.encode(unit.initial())

    def read(self, held: Held) -> Any:
        return self._reader.decode(self.initial if held is None else held)

    def apply(self, written: bytes, state: Any, event: Reading) -> tuple[bytes, Any, list[Made]]:
        """The state after the event, written and as it is, and the rows put out; raises whatever the unit raises.

        States are written and read again with every change, so that it never matters where a history was cut.
        """
        after, outputs = self.unit.apply(state, event)
        now = _states.encode(after)
        made = [_made(event.key, n, output) for n, output in enumerate(outputs)] if outputs else []
        return now, (state if now == written and after is state else self._reader.decode(now)), made

    def stirring(self, columns: Columns) -> NDArray[np.bool_] | None:
        """Which events stir a resting device; None where the unit does not say, or fails to."""
        try:
            mask = self.unit.stirs(columns)
            found = None if mask is None else np.asarray(mask, dtype=np.bool_)
        except Exception:
            # Every event then goes to `apply`, which is always right.
            return None
        return found if found is not None and found.shape == columns.observed_at.shape else None

    def glide(self, columns: Columns) -> Glide[Any] | None:
        """How the unit takes these events at a stretch; None where it does not, or fails to say."""
        try:
            return self.unit.glides(columns)
        except Exception:
            return None

    def showing(self, held: Held) -> Shown | None:
        """The row that what is held shows; a unit that cannot say shows none."""
        if held == ASIDE:
            return None
        try:
            shown = self.unit.showing(self.read(held))
            return None if shown is None else Shown(_since(shown), _body(shown))
        except Exception:
            return None


def _made(key: Key, n: int, output: Output) -> Made:
    return Made(key, n, _since(output), _body(output))


def _since(output: Output) -> int:
    if type(output.since) is not int or not -(2**63) <= output.since < 2**63:
        raise TypeError(f"since must be a whole number of milliseconds, not {output.since!r}")
    return output.since


def _body(output: Output) -> str:
    return _bodies.encode(dict(output.body)).decode()


def reason_of(error: Exception) -> str:
    """What went wrong, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:_MOST_REASON]


class Course:
    """One device on its way through a unit: what it holds, and what it left behind since this object was made.

    `taken` is the number of readings it took since its last checkpoint.
    """

    def __init__(self, folder: Folder, held: Held = RESTING, taken: int = 0) -> None:
        self.folder, self.held, self.taken = folder, held, taken
        self.made: list[Made] = []
        self.checkpoints: list[Checkpoint] = []
        self.faults: list[Fault] = []
        self._written = held or folder.initial
        self._state = None if held == ASIDE else folder.read(held)

    def take(self, event: Reading) -> None:
        """Takes one reading; the device must not have been set aside."""
        before = self.held
        try:
            self._written, self._state, made = self.folder.apply(self._written, self._state, event)
            self.held = RESTING if self._written == self.folder.initial else self._written
        except Exception as error:
            self.held, made = ASIDE, []
            self.faults.append(Fault(event.key, reason_of(error)))
        if made:
            self.made += made
        self.taken += 1
        if (before is RESTING) != (self.held is RESTING) or self.held == ASIDE or self._is_far():
            self._note(event.key)

    def glide(self, glide: Glide[Any], device_id: str, row: int, end: int) -> int:
        """Takes rows at a stretch, from `row` on, while the device is awake; the row that must be taken by itself.

        A reading that makes a checkpoint is none of them. What fails is left to `take`, which is always right.
        """
        most = min(end, row + CHECKPOINT_EVERY - 1 - self.taken)
        if most <= row:
            return row
        try:
            state, stopped = glide(device_id, self._state, row, most)
            written = _states.encode(state)
        except Exception:
            return row
        if written == self.folder.initial or not row < stopped <= most:
            return row
        if written != self._written:
            self._written, self._state = written, self.folder.read(written)
            self.held = written
        self.taken += stopped - row
        return stopped

    def keep(self, key: Key) -> None:
        """Sees to it that there is a checkpoint at `key`, the newest reading taken."""
        if not self.checkpoints or self.checkpoints[-1].key != key:
            self._note(key)

    def _is_far(self) -> bool:
        return self.held is not RESTING and self.taken >= CHECKPOINT_EVERY

    def _note(self, key: Key) -> None:
        self.checkpoints.append(Checkpoint(key, self.held))
        self.taken = 0
