"""Every view of a store against the fold, row by row and bit for bit."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from views_engine.calculator import queries
from views_engine.calculator.store import read_standing
from views_engine.folds.own import own_units
from views_engine.verify import units, views
from views_engine.verify.alerts import Decisions, alerts, decisions
from views_engine.verify.fold import Device, Fold, Identity, ledger
from views_engine.verify.views import COLUMNS, LENGTHS, Row

EVENTS_AT_ONCE = 200_000

_DECIDED = "SELECT body FROM (FROM rule_versions UNION ALL FROM device_facts) ORDER BY number"

KEYS = {
    "events": ("observed_at", "device_id", "seq", "event_type", "event_id", "timeless"),
    "latest": ("device_id", "event_type"),
    "windows": ("device_id", "start"),
    "track_windows": ("device_id", "start"),
    "battery_trends": ("device_id",),
    "devices": ("device_id",),
    "alert_intervals": ("started_at", "device_id", "rule"),
    "unit_rows": ("since", "device_id", "observed_at", "seq", "event_type", "event_id", "timeless", "n"),
    "unit_faults": ("device_id",),
}
"""What names a row of each view; rows are sorted by it."""

BY_TIME = ("events", "alert_intervals", "unit_rows")
"""Views whose rows are not by device in the first place."""


class Difference(NamedTuple):
    """One field of one row; of a row that only one side has, `field` is `row`."""

    view: str
    key: str
    field: str
    expected: Any
    found: Any


class Question(NamedTuple):
    """One view, asked of the store by name and parameters, and of the fold device by device."""

    name: str
    parameters: dict[str, Any]
    expected: Callable[[Device], Iterator[Row]]

    @property
    def title(self) -> str:
        return " ".join((self.name, *self.parameters.values()))


def waiting(store: duckdb.DuckDBPyConnection) -> list[Identity]:
    """The late events that no view of this store holds yet."""
    rows = queries.run(store, "waiting", {}).to_pylist()
    return [Identity(*(row[name] for name in Identity._fields)) for row in rows]


def decided(store: duckdb.DuckDBPyConnection) -> Decisions:
    """What people decided, as far as this store knows."""
    return decisions(_texts(store.sql(_DECIDED).to_arrow_table(), "body"))


def differences(
    store: duckdb.DuckDBPyConnection,
    fold: Fold,
    progress: Callable[[int], object] = int,
    said: Decisions | None = None,
) -> Iterator[Difference]:
    """All of them. `progress` is told of every so many events compared; `said` is what people decided up to where the
    store stands, by default what the store itself knows of it.
    """
    late = waiting(store)
    yield from _ledger_differences(store, ledger(fold, len(late)), fold.received)
    devices = fold.devices(late)
    asked = [*questions(types_of(devices, store)), alerts_of(store, said), *of_units(), *of_units(faults=True)]
    strangers = set(_texts(queries.run(store, "devices", {}), "device_id")).difference(
        device.device_id for device in devices
    )
    for question in asked:
        yield from _question_differences(store, question, sorted(strangers), ())
    for few in _few_at_once(devices):
        for question in asked:
            yield from _question_differences(store, question, [device.device_id for device in few], few)
        progress(sum(len(device.events) for device in few))


def types_of(devices: Iterable[Device], store: duckdb.DuckDBPyConnection) -> set[str]:
    found = _texts(queries.run(store, "latest", {}), "event_type")
    return {event.event_type for device in devices for event in device.events}.union(found)


def questions(event_types: Iterable[str]) -> list[Question]:
    """All questions that the views answer about events of these types."""
    asked = [Question(name, {}, getattr(views, name)) for name in ("events", "latest", "battery_trends", "devices")]
    for resolution in LENGTHS:
        tracks = partial(views.track_windows, resolution=resolution)
        asked.append(Question("track_windows", {"resolution": resolution}, tracks))
        for event_type in sorted(event_types):
            rollups = partial(views.windows, event_type=event_type, resolution=resolution)
            asked.append(Question("windows", {"event_type": event_type, "resolution": resolution}, rollups))
    return asked


def alerts_of(store: duckdb.DuckDBPyConnection, said: Decisions | None = None) -> Question:
    """The alerts at the clock of this store."""
    known, clock = decided(store) if said is None else said, read_standing(store).clock
    return Question("alert_intervals", {}, partial(alerts, said=known, clock=clock))


def of_units(*, faults: bool = False) -> list[Question]:
    """The rows of the units of one's own, or what they could not take."""
    name, taken = ("unit_faults", units.unit_faults) if faults else ("unit_rows", units.unit_rows)
    return [Question(name, {"unit": unit.name}, partial(taken, unit=unit)) for unit in own_units()]


def rows_of(table: pa.Table, columns: Sequence[str]) -> list[Row]:
    """The table's rows as tuples of these columns."""
    found = [table.column(name).to_pylist() for name in columns]
    if "seq" in columns:
        place = columns.index("seq")
        found[place] = [-1 if seq is None else seq for seq in found[place]]
    return list(zip(*found, strict=True))


def _ledger_differences(
    store: duckdb.DuckDBPyConnection, expected: dict[str, int], received: int
) -> Iterator[Difference]:
    """How many were applied late depends on arrival, the sum of both does not."""
    counts: Counter[str] = Counter()
    for row in queries.run(store, "ledger", {}).to_pylist():
        counts["applied" if row["fate"] == "applied_late" else row["fate"]] += row["count"]
    for fate, count in {**expected, "accounted": received}.items():
        if counts[fate] != count:
            yield Difference("ledger", fate, "count", count, counts[fate])


def _few_at_once(devices: Iterable[Device]) -> Iterator[list[Device]]:
    few: list[Device] = []
    events = 0
    for device in devices:
        few.append(device)
        events += len(device.events)
        if events >= EVENTS_AT_ONCE or len(few) >= 10_000:
            yield few
            few, events = [], 0
    if few:
        yield few


def _question_differences(
    store: duckdb.DuckDBPyConnection, question: Question, device_ids: list[str], devices: Sequence[Device]
) -> Iterator[Difference]:
    columns, key = COLUMNS[question.name], KEYS[question.name]
    asked = {**question.parameters, "device_ids": device_ids}
    found = rows_of(queries.run(store, question.name, asked), columns)
    places = [columns.index(name) for name in key]
    expected = [row for device in devices for row in question.expected(device)]
    if question.name in BY_TIME:
        expected.sort(key=lambda row: tuple(row[place] for place in places))
    if expected != found:
        yield from _row_differences(question.title, columns, places, expected, found)


def _row_differences(
    title: str, columns: Sequence[str], places: Sequence[int], expected: list[Row], found: list[Row]
) -> Iterator[Difference]:
    def key(row: Row) -> tuple[Any, ...]:
        return tuple(row[place] for place in places)

    wanted, there = {key(row): row for row in expected}, {key(row): row for row in found}
    twice = (name for name, times in Counter(map(key, found)).items() if times > 1)
    yield from (Difference(title, _text(name), "row", "once", "several times") for name in twice)
    for name in {**wanted, **there}:
        if name not in there or name not in wanted:
            yield Difference(title, _text(name), "row", wanted.get(name), there.get(name))
        else:
            for column, one, other in zip(columns, wanted[name], there[name], strict=True):
                if one != other:
                    yield Difference(title, _text(name), column, one, other)
    if list(wanted) != list(there) and wanted.keys() == there.keys():
        yield Difference(title, "", "order", "by its key", "otherwise")


def _texts(table: pa.Table, column: str) -> list[str]:
    return [str(text) for text in table.column(column).to_pylist()]


def _text(key: tuple[Any, ...]) -> str:
    return "/".join(map(str, key))
