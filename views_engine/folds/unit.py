"""The fold units as one calculation unit: plain Python per device, exact for any lateness, at the price of SQL."""

import duckdb
import pyarrow as pa

from views_engine.folds import late
from views_engine.folds.forward import take_next
from views_engine.folds.patching import Change, patch
from views_engine.folds.replays import replay_all
from views_engine.folds.roster import active
from views_engine.folds.storage import SCHEMA, schema, with_rows
from views_engine.units.base import SetWise

_CHANGES = schema(
    ("device_id", pa.utf8()),
    ("view", pa.utf8()),
    ("event_type", pa.utf8()),
    ("start", pa.int64()),
    ("field", pa.utf8()),
    ("before", pa.float64()),
    ("after", pa.float64()),
    ("cause", pa.int64()),
)


class Folds(SetWise):
    name = "folds"
    schema = SCHEMA

    def __init__(self) -> None:
        # What the repair at hand changed, for the corrections that follow it.
        self._changes: list[Change] = []

    def apply(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        roster = active(db)
        if roster:
            take_next(db, roster, step)

    def repair(self, db: duckdb.DuckDBPyConnection, step: int) -> None:
        self._changes = []
        roster = active(db)
        if roster:
            replayed = list(replay_all(db, late.find(db, roster)))
            self._changes = patch(db, replayed, step=step, epoch=_epoch(db))

    def correct(self, db: duckdb.DuckDBPyConnection, folded: int) -> None:
        if self._changes:
            with_rows(db, "INSERT INTO changed SELECT *, true FROM {rows}", _CHANGES, self._changes)


def _epoch(db: duckdb.DuckDBPyConnection) -> int:
    """The epoch that the repair at hand begins; whoever lets late events in says so."""
    found = db.execute("SELECT getvariable('epoch')").fetchall()[0][0]
    return int(found or 0)
