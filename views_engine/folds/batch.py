"""Events of a store as fold units want them: columns for the set-wise side, single readings only where asked for."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from views_engine.folds.contract import Columns, Key, Reading

COLUMNS = "device_id, event_type, event_id, seq, observed_at, timeless, value, latitude, longitude, payload"
ORDER = "device_id, observed_at, seq, event_type, event_id, timeless"

WITHOUT_PAYLOAD = COLUMNS.replace("payload", "'' AS payload")


def columns_for(reads_payload: bool) -> str:
    """`COLUMNS` as SQL; payloads that nobody reads are left where they are."""
    return COLUMNS if reads_payload else WITHOUT_PAYLOAD


Before = tuple[int, int | None]
"""The event before, as in `Reading.before`."""

Types = frozenset[str] | None


class Batch:
    """Events by device and order key, from a table with `COLUMNS`, and `arrival` where late ones are among them."""

    def __init__(self, table: Any) -> None:
        self.table: Any = table.combine_chunks()
        self._groups: dict[Types, Rows] = {}
        self._lists: dict[str, list[Any]] = {}

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def rows(self, event_types: Types) -> "Rows":
        """The events of these types, device by device."""
        if event_types not in self._groups:
            self._groups[event_types] = Rows(self, event_types)
        return self._groups[event_types]

    def array(self, name: str) -> Any:
        return self.table.column(name)

    def list_of(self, name: str) -> list[Any]:
        if name not in self._lists:
            self._lists[name] = _listed(self.table.column(name))
        return self._lists[name]

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Of each row, the place of its device among `devices`."""
        device_ids = self.array("device_id")
        if not len(self):
            return np.zeros(0, np.int64)
        turns = pc.not_equal(device_ids.slice(1), device_ids.slice(0, len(self) - 1)).to_numpy()
        return np.concatenate(([0], np.cumsum(turns))).astype(np.int64)

    @cached_property
    def devices(self) -> list[str]:
        """The devices in their order."""
        firsts = pa.array(_bounds(self.places)[:-1])
        return cast(list[str], self.array("device_id").take(firsts).to_pylist())

    @cached_property
    def members(self) -> Sequence[list[Any]]:
        """The columns of `COLUMNS` as lists."""
        return [self.list_of(name) for name in COLUMNS.split(", ")]

    def numbers(self, name: str) -> "np.ma.MaskedArray[Any, Any]":
        column = self.table.column(name)
        mask = column.is_null().to_numpy() if column.null_count else np.zeros(len(column), np.bool_)
        return np.ma.MaskedArray(column.fill_null(0).to_numpy(), mask=mask)


class Rows:
    """Those events of a batch that have one of some types. `devices[n]` has the rows from `bounds[n]` to the next."""

    def __init__(self, batch: Batch, event_types: Types) -> None:
        self.batch = batch
        self.where = _where(batch, event_types)
        places = batch.places[self.where]
        self.bounds = _bounds(places)
        self.devices: list[str] = [batch.devices[place] for place in places[self.bounds[:-1]].tolist()]
        self._made: dict[int, Reading] = {}

    def __len__(self) -> int:
        return len(self.where)

    @cached_property
    def columns(self) -> Columns:
        return Columns(
            self.batch.array("observed_at").to_numpy()[self.where],
            *(self.batch.numbers(name)[self.where] for name in ("value", "latitude", "longitude")),
        )

    @cached_property
    def late(self) -> NDArray[np.bool_]:
        """Which are late: they know when they arrived."""
        found: NDArray[np.bool_] = self.batch.array("arrival").is_valid().to_numpy()[self.where]
        return found

    def key(self, row: int) -> Key:
        place = self.where[row]
        return Key(*(self.batch.list_of(name)[place] for name in Key._fields))

    def reading(self, row: int, before: Before | None) -> Reading:
        """One event; those without one before are made once for all units."""
        if before is not None:
            return _reading(self.batch.members, self._places[row], before)
        made = self._made.get(row)
        if made is None:
            made = self._made[row] = _reading(self.batch.members, self._places[row], None)
        return made

    @cached_property
    def _places(self) -> list[int]:
        found: list[int] = self.where.tolist()
        return found

    def last(self) -> dict[str, Before]:
        """The last event of each device."""
        ends = (self.bounds[1:] - 1).tolist()
        at, value = self.columns.observed_at[ends].tolist(), self.columns.value[ends].tolist()
        return dict(zip(self.devices, zip(at, value, strict=True), strict=True))

    def looking_back(self, seed: Callable[[int], Before | None]) -> "Sight":
        """The rows with the ones before them; `seed` says what precedes the first row of the n-th device."""
        columns = self.columns
        before_at, before_value = _shifted(columns.observed_at), _shifted_masked(columns.value)
        has_before = np.ones(len(self), np.bool_)
        first, seeds = self.bounds[:-1], [seed(place) for place in range(len(self.devices))]
        has_before[first] = [before is not None for before in seeds]
        before_at[first] = [0 if before is None else before[0] for before in seeds]
        values = [None if before is None else before[1] for before in seeds]
        np.ma.getmaskarray(before_value)[first] = [value is None for value in values]
        before_value.data[first] = [value or 0 for value in values]
        return Sight(self, columns._replace(before_at=before_at, before_value=before_value, has_before=has_before))

    @cached_property
    def plain(self) -> "Sight":
        return Sight(self, self.columns)


class Sight(NamedTuple):
    """Rows as one unit sees them."""

    rows: Rows
    columns: Columns

    def before(self, row: int) -> Before | None:
        columns = self.columns
        if columns.has_before is None or columns.before_at is None or columns.before_value is None:
            return None
        if not columns.has_before[row]:
            return None
        absent = np.ma.getmaskarray(columns.before_value)[row]
        value = None if absent else int(columns.before_value.data[row])
        return int(columns.before_at[row]), value

    def reading(self, row: int) -> Reading:
        return self.rows.reading(row, self.before(row))

    def readings(self, start: int, end: int) -> "Readings":
        return Readings(self, start, end)


class Readings(Sequence[Reading]):
    """A stretch of rows as single readings, each made when it is asked for."""

    def __init__(self, sight: Sight, start: int, end: int) -> None:
        self._sight, self._start, self._end = sight, start, end

    def __len__(self) -> int:
        return self._end - self._start

    def __getitem__(self, position: Any) -> Any:
        if not 0 <= position < len(self):
            raise IndexError(position)
        return self._sight.reading(self._start + position)


def _reading(members: Sequence[list[Any]], place: int, before: Before | None) -> Reading:
    device_id, event_type, event_id, seq, observed_at, timeless, value, latitude, longitude, payload = members
    return Reading(
        device_id=device_id[place],
        event_type=event_type[place],
        event_id=event_id[place],
        seq=seq[place],
        observed_at=observed_at[place],
        timeless=timeless[place],
        value=value[place],
        latitude=latitude[place],
        longitude=longitude[place],
        payload=payload[place],
        before=before,
    )


def _listed(column: Any) -> list[Any]:
    """The same as `to_pylist`, several times as quick where values are numbers or repeat themselves."""
    if column.null_count or not len(column):
        return cast(list[Any], column.to_pylist())
    if pa.types.is_string(column.type):
        words = column.combine_chunks().dictionary_encode()
        return cast(list[Any], words.dictionary.to_numpy(zero_copy_only=False)[words.indices.to_numpy()].tolist())
    return cast(list[Any], column.to_numpy().tolist())


def _where(batch: Batch, event_types: Types) -> NDArray[np.int64]:
    if event_types is None:
        return np.arange(len(batch), dtype=np.int64)
    column = batch.array("event_type")
    mask = pc.is_in(column, value_set=pa.array(sorted(event_types), type=pa.utf8()))
    return np.flatnonzero(mask.to_numpy())


def _bounds(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each device's rows begin, and where the last one's end."""
    if not len(places):
        return np.zeros(1, np.int64)
    return np.concatenate(([0], np.flatnonzero(np.diff(places)) + 1, [len(places)])).astype(np.int64)


def _shifted(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate((np.zeros(min(1, len(numbers)), np.int64), numbers[:-1]))


def _shifted_masked(numbers: "np.ma.MaskedArray[Any, Any]") -> "np.ma.MaskedArray[Any, Any]":
    mask = np.ma.getmaskarray(numbers)
    first = np.ones(min(1, len(mask)), np.bool_)
    return np.ma.MaskedArray(_shifted(numbers.data), mask=np.concatenate((first, mask[:-1])))


def seeds_of(known: Mapping[str, Before], rows: Rows) -> Callable[[int], Before | None]:
    return lambda place: known.get(rows.devices[place])
