"""What a calculation unit is: code that turns a device's events into rows of one view, exactly.

A unit sees two relations of events, never single events: `applied`, the events of a batch that come next in their
device's history, and `due`, the late ones that an epoch marker lets in. While a unit works, table `events` holds the
set without `applied` and `due`.
"""

from typing import Any, Protocol

import duckdb


def struct(*columns: str) -> str:
    """SQL of a struct of these columns; structs compare member by member, text by its bytes."""
    return f"struct_pack({', '.join(f'{column} := {column}' for column in columns)})"


TYPE_ORDER = ("observed_at", "seq", "event_id", "timeless")
"""The order among a device's events of one type."""

TYPE_KEY = struct(*TYPE_ORDER)

ORDER_KEY = struct("observed_at", "seq", "event_type", "event_id", "timeless")
"""The order of all events of a device."""

CHANGES = """
device_id VARCHAR, view VARCHAR, event_type VARCHAR, start BIGINT, field VARCHAR, before DOUBLE, after DOUBLE,
cause BIGINT, known BOOLEAN
"""
"""Columns of the relation that `Unit.correct` fills: what late events change, from what, to what.

`cause` is the arrival of the late event to blame; `known` says whether there was a row to correct at all.
"""

RESOLUTIONS = {"1m": 60_000, "1h": 3_600_000, "1d": 86_400_000}
"""Window lengths in milliseconds; windows are aligned to UTC."""


class Unit(Protocol):
    """One view. `schema` creates its tables; all SQL runs inside the step's transaction.

    At an epoch marker the engine calls `survey`, `repair` and `correct` of every unit, and then lets `due` join
    `events`.
    """

    name: str
    schema: str
    reads: tuple[str, ...]
    """The units whose rows it reads while it applies; they come later in `UNITS`, and are rebuilt with it."""

    def apply(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        """Takes in relation `applied`; `step` is the record's position."""

    def survey(self, db: duckdb.DuckDBPyConnection) -> None:
        """Finds out what `due` affects, while everything still stands as it was."""

    def repair(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        """Takes in relation `due`, touching nothing that these events do not affect."""

    def correct(self, db: duckdb.DuckDBPyConnection, folded: int) -> None:
        """Inserts into relation `changed` (columns `CHANGES`) every number that `due` affects, changed or not."""

    def fold(self, db: duckdb.DuckDBPyConnection, since: int) -> None:
        """Folds the events whose step is `since` or later into the tables that bulk readers use."""


class SetWise:
    """A unit that has nothing to do at a given point may leave that method out."""

    schema = ""
    reads: tuple[str, ...] = ()

    def apply(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        return None

    def survey(self, db: duckdb.DuckDBPyConnection) -> None:
        return None

    def repair(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        return None

    def fold(self, db: duckdb.DuckDBPyConnection, since: int) -> None:
        return None


def due_bounds(db: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """The oldest and newest `observed_at` (ms) in `due`; as constants in a query they spare it most of a table."""
    low, high = one(db, "SELECT min(observed_at), max(observed_at) FROM due")
    return (0, -1) if low is None else (low, high)


def touched_windows(length: int, low: int, high: int) -> str:
    """SQL condition on device_id and start that leaves out most windows that late events surely do not touch."""
    return f"start BETWEEN {low - low % length} AND {high} AND device_id IN (SELECT device_id FROM due)"


def one(db: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The only row of an answer. All of it is fetched: half an answer would lock the connection."""
    (row,) = db.execute(query).fetchall()
    return row
