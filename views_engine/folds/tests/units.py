"""Fold units for tests, one for each way in which units differ, and the plainest fold to hold them to."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from views_engine.folds.contract import Columns, FoldUnit, Glide, Key, Output, PlainFold, Reading


class Hot(NamedTuple):
    since: int = -1
    most: int = 0


class HotSpells(PlainFold):
    """Stretches of temperatures above 30 degrees; rests between them, and says which readings stir."""

    name = "hot"
    event_types = frozenset({"temperature"})
    state_type = Hot
    limit = 30_000_000

    def initial(self) -> Hot:
        return Hot()

    def apply(self, state: Hot, event: Reading) -> tuple[Hot, list[Output]]:
        if event.value is not None and event.value > self.limit:
            since = event.observed_at if state.since < 0 else state.since
            return Hot(since, max(state.most, event.value)), []
        if state.since < 0:
            return state, []
        return Hot(), [Output(since=state.since, body={"until": event.observed_at, "most": state.most})]

    def stirs(self, events: Columns) -> NDArray[np.bool_]:
        return np.asarray(events.value.filled(0) > self.limit)

    def showing(self, state: Hot) -> Output | None:
        return None if state.since < 0 else Output(since=state.since, body={"until": None, "most": state.most})


class Gliding(HotSpells):
    """Hot spells that take the readings of a spell at a stretch, up to the one that ends it."""

    name = "gliding"

    def glides(self, events: Columns) -> Glide[Hot]:
        values = events.value.filled(0).tolist()

        def glide(device_id: str, state: Hot, start: int, end: int) -> tuple[Hot, int]:
            stop = next((row for row in range(start, end) if values[row] <= self.limit), end)
            return Hot(state.since, max([state.most, *values[start:stop]])), stop

        return glide


class Reckless(HotSpells):
    """Hot spells whose way to glide fails, goes too far or comes to rest, in turn: none of it may do harm."""

    name = "reckless"

    def glides(self, events: Columns) -> Glide[Hot]:
        def glide(device_id: str, state: Hot, start: int, end: int) -> tuple[Hot, int]:
            if start % 3 == 0:
                raise ValueError("cannot glide")
            return (Hot(), end) if start % 3 == 1 else (state, end + 1)

        return glide


class Jumps(PlainFold):
    """Rises by 10 degrees and more between consecutive readings of any type; looks back, and never wakes."""

    name = "jumps"
    looks_back = True

    def initial(self) -> None:
        return None

    def apply(self, state: None, event: Reading) -> tuple[None, list[Output]]:
        rise = None if event.before is None or event.before[1] is None else (event.value or 0) - event.before[1]
        return None, [Output(since=event.observed_at, body={"rise": rise})] if rise and rise >= 10_000_000 else []

    def stirs(self, events: Columns) -> NDArray[np.bool_]:
        assert events.before_value is not None
        assert events.has_before is not None
        rise = events.value.filled(0) - events.before_value.filled(0)
        return np.asarray(events.has_before & ~np.ma.getmaskarray(events.before_value) & (rise >= 10_000_000))


class Steps(PlainFold):
    """Counts readings and puts out every fifth; is never at rest, and its state never comes back."""

    name = "steps"

    def initial(self) -> int:
        return 0

    def apply(self, state: int, event: Reading) -> tuple[int, list[Output]]:
        rows = [Output(since=event.observed_at, body={"count": state + 1})] if state % 5 == 4 else []
        return state + 1, rows


class Swings(PlainFold):
    """Follows the sign of the change between readings while it is awake; wakes by a jump and sleeps at zero."""

    name = "swings"
    looks_back = True
    event_types = frozenset({"temperature"})
    state_type = tuple[int, ...]

    def initial(self) -> tuple[int, ...]:
        return ()

    def apply(self, state: tuple[int, ...], event: Reading) -> tuple[tuple[int, ...], list[Output]]:
        change = 0 if event.before is None else (event.value or 0) - (event.before[1] or 0)
        if not state:
            return ((change,) if abs(change) >= 10_000_000 else ()), []
        if change == 0:
            return (), [Output(since=event.observed_at, body={"swings": list(state)})]
        return (*state[-2:], change), []

    def stirs(self, events: Columns) -> NDArray[np.bool_]:
        assert events.before_value is not None
        assert events.has_before is not None
        change = events.value.filled(0) - events.before_value.filled(0)
        return np.asarray(events.has_before & (abs(change) >= 10_000_000))


class Fragile(HotSpells):
    """Hot spells, but a reading of exactly 50 degrees within one is more than it can take."""

    name = "fragile"

    def apply(self, state: Hot, event: Reading) -> tuple[Hot, list[Output]]:
        if state.since >= 0 and event.value == 50_000_000:
            raise ValueError("50 degrees")
        return super().apply(state, event)


class Unwritable(Steps):
    """After seven readings its state is something that cannot be written."""

    name = "unwritable"

    def apply(self, state: Any, event: Reading) -> tuple[Any, list[Output]]:
        after, rows = super().apply(state, event)
        return (object() if after == 7 else after), rows


UNITS: tuple[FoldUnit[Any], ...] = (
    *(HotSpells(), Gliding(), Reckless(), Jumps(), Steps(), Swings()),
    *(Fragile(), Unwritable()),
)


class Folded(NamedTuple):
    """A device's rows, as (key, n, since, body), what shows, and the key at which it was set aside."""

    rows: list[tuple[Key, int, int, Any]]
    showing: tuple[int, Any] | None
    aside: Key | None


def plain_fold(unit: FoldUnit[Any], readings: Iterable[Reading]) -> Folded:
    """One device's readings, taken one by one in their order, without any of the engine."""
    rows: list[tuple[Key, int, int, Any]] = []
    state, before = unit.initial(), None
    for event in sorted(readings, key=lambda one: one.key):
        if unit.event_types is not None and event.event_type not in unit.event_types:
            continue
        seen = msgspec.structs.replace(event, before=before) if unit.looks_back else event
        before = (event.observed_at, event.value)
        try:
            state, outputs = unit.apply(state, seen)
            msgspec.msgpack.encode(state)
        except (ValueError, TypeError):
            return Folded(rows, None, event.key)
        rows += [(event.key, n, one.since, dict(one.body)) for n, one in enumerate(outputs)]
    shown = unit.showing(state)
    return Folded(rows, None if shown is None else (shown.since, dict(shown.body)), None)
