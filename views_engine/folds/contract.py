"""What a fold unit is: plain Python that folds a device's events, in their order, into a state and outputs.

Pure: no store, no clock, no chance. Whoever keeps to this contract is exact for any lateness.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

State = TypeVar("State")


class Key(NamedTuple):
    """The order key of an event; keys of one device compare as their events are ordered. `seq` is -1 for none."""

    observed_at: int
    seq: int
    event_type: str
    event_id: str
    timeless: bool


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """An event as a fold unit sees it: nothing in it tells of its arrival.

    Numbers are canonical: `value` in millionths of the type's unit, `latitude` and `longitude` in millionths of a
    degree, `observed_at` in milliseconds since 1970. `payload` is the JSON text that was sent. `before` is the event
    that precedes this one among those of its device that the unit reads, as (observed_at, value); None for the first,
    and for units that do not look back.
    """

    device_id: str
    event_type: str
    event_id: str
    seq: int
    observed_at: int
    timeless: bool
    value: int | None = None
    latitude: int | None = None
    longitude: int | None = None
    payload: str = "{}"
    before: tuple[int, int | None] | None = None

    @property
    def key(self) -> Key:
        return Key(self.observed_at, self.seq, self.event_type, self.event_id, self.timeless)


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a unit's view. `since` (ms) says from when on it speaks; `body` is its fields, plain JSON values."""

    since: int
    body: Mapping[str, Any]


class Columns(NamedTuple):
    """The events of a batch that a unit reads, column by column, by device and order key; absent numbers are masked.

    `before_at` and `before_value` are those of `Reading.before`; `has_before` says where there is one. They are None
    for units that do not look back.
    """

    observed_at: NDArray[np.int64]
    value: "np.ma.MaskedArray[Any, Any]"
    latitude: "np.ma.MaskedArray[Any, Any]"
    longitude: "np.ma.MaskedArray[Any, Any]"
    before_at: NDArray[np.int64] | None = None
    before_value: "np.ma.MaskedArray[Any, Any] | None" = None
    has_before: NDArray[np.bool_] | None = None


Glide = Callable[[str, State, int, int], tuple[State, int]]
"""`glide(device_id, state, start, end)` takes an awake device's events from row `start` on, up to `end`, at a stretch:
the state it comes to, and the row before which it stopped. It stops at the latest before an event that puts something
out or lets the device rest, and may stop anywhere before that.
"""


class FoldUnit(Protocol[State]):
    """One view, folded in plain Python. States and bodies are plain data that msgspec can write and read again.

    `name` keys everything that is kept of the unit; with a higher `version` it is rebuilt from all events.
    One that does not read payloads may be given empty ones, which is cheaper.
    `event_types` None means every type; the unit sees no others. `state_type` is what states are read back as.
    """

    name: str
    version: int
    looks_back: bool
    reads_payload: bool

    @property
    def event_types(self) -> frozenset[str] | None: ...

    @property
    def state_type(self) -> Any: ...

    def initial(self) -> State:
        """The state before the first event."""
        ...

    def apply(self, state: State, event: Reading) -> tuple[State, Sequence[Output]]:
        """The state after the event, and what it puts out; the given state stays as it is."""
        ...

    def covers(self, device_id: str) -> bool:
        """Whether the unit reads this device at all."""
        ...

    def stirs(self, events: Columns) -> NDArray[np.bool_] | None:
        """Which of these events may change the *initial* state or put something out from it.

        May say too much, never too little; None: any of them. While a device rests in the initial state, the engine
        passes over all other events without Python ever seeing them.
        """
        ...

    def glides(self, events: Columns) -> Glide[State] | None:
        """How to take many of these events at a stretch, to the same state as `apply` comes to one by one; None: not
        at all. Events that mostly let an awake state be then cost next to nothing.
        """
        ...

    def showing(self, state: State) -> Output | None:
        """The row that is still in the making, as far as this state shows it."""
        ...


class PlainFold:
    """What a unit may leave out: all types, all devices, every event, nothing shown before it is put out."""

    version = 1
    event_types: frozenset[str] | None = None
    looks_back = False
    reads_payload = True
    state_type: Any = Any

    def covers(self, device_id: str) -> bool:
        return True

    def stirs(self, events: Columns) -> NDArray[np.bool_] | None:
        return None

    def glides(self, events: Columns) -> Glide[Any] | None:
        return None

    def showing(self, state: Any) -> Output | None:
        return None
