"""The feed of changes: after each commit, who listens is told what is new, in one line of JSON."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import duckdb
import orjson

from events.log.base import Record
from events.records import Fate, Kind
from views_engine.calculator.store import Standing
from views_engine.units.base import one

MOST_CHANGES = 5_000
"""More than this in one commit tell nobody anything: the listener had better fetch afresh."""

Listener = Callable[[bytes], None]

_READINGS = f"""
SELECT device_id, event_type, max({{'at': observed_at, 'value': value, 'latitude': latitude, 'longitude': longitude}})
FROM placed WHERE fate = '{Fate.APPLIED}' GROUP BY ALL LIMIT {MOST_CHANGES}
"""

_COUNTS = f"""
SELECT count(*) FILTER (fate = '{Fate.APPLIED}'), count(*) FILTER (fate = '{Fate.PENDING}'),
       count(*) FILTER (fate IN ('{Fate.DUPLICATE}', '{Fate.CONFLICT}'))
FROM placed
"""


class Changes:
    """Collects what a record changed and hands it to the listeners once it is committed.

    Used by the calculator's thread alone, but for `listen` and the function it returns, and for `tell`.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._published: Standing | None = None
        self._lock = threading.Lock()
        self._readings: dict[tuple[str, str], dict[str, Any]] = {}
        self._corrected: set[str] = set()
        self._counts = [0, 0, 0]

    @property
    def wanted(self) -> bool:
        return bool(self._listeners)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` with every line from now on, from the calculator's thread; returns how to stop it.

        The last line is an empty one.
        """
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock, suppress(ValueError):
                self._listeners.remove(listener)

        return stop

    def collect(self, db: duckdb.DuckDBPyConnection, record: Record) -> None:
        kind = record.headers["kind"]
        if kind == Kind.EVENTS:
            self._collect_batch(db)
        elif kind == Kind.MARKER:
            self.correct(db)

    def correct(self, db: duckdb.DuckDBPyConnection) -> None:
        """Notes whose past an epoch changed."""
        rows = db.execute("SELECT DISTINCT device_id FROM due ORDER BY device_id").fetchall()
        self._corrected.update(device_id for (device_id,) in rows)

    def publish(self, standing: Standing) -> None:
        """Tells the listeners; to be called after the commit."""
        with self._lock:
            listeners, self._published = list(self._listeners), standing
        if listeners:
            line = line_of(standing, list(self._readings.values()), sorted(self._corrected), self._counts)
            for listener in listeners:
                listener(line)
        self._forget()

    def tell(self, changes: Sequence[dict[str, Any]]) -> None:
        """Tells the listeners of something beside the views, under the version they heard last; from any thread."""
        with self._lock:
            listeners, standing = list(self._listeners), self._published
        if standing is None:
            return
        line = line_of(standing, list(changes[:MOST_CHANGES]), [], [0, 0, 0])
        for listener in listeners:
            listener(line)

    def close(self) -> None:
        """Says to every listener, by an empty line, that there is nothing more to come."""
        with self._lock:
            listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener(b"")

    def _collect_batch(self, db: duckdb.DuckDBPyConnection) -> None:
        for device_id, event_type, newest in db.execute(_READINGS).fetchall():
            self._readings[device_id, event_type] = _reading(device_id, event_type, newest)
        self._counts = [total + more for total, more in zip(self._counts, one(db, _COUNTS), strict=True)]

    def _forget(self) -> None:
        self._readings, self._corrected, self._counts = {}, set(), [0, 0, 0]


def line_of(standing: Standing, changes: list[dict[str, Any]], corrected: list[str], counts: list[int]) -> bytes:
    """One line of the feed; numbers are canonical, times milliseconds."""
    applied, late, duplicate = counts
    return (
        orjson.dumps(
            {
                "version": {"epoch": standing.epoch, "position": standing.position},
                "clock": standing.clock,
                "changes": changes,
                "corrected": corrected,
                "applied": applied,
                "late": late,
                "duplicate": duplicate,
            }
        )
        + b"\n"
    )


def _reading(device_id: str, event_type: str, newest: dict[str, Any]) -> dict[str, Any]:
    where = ("latitude", "longitude") if newest["latitude"] is not None else ("value",)
    return {
        "device_id": device_id,
        "kind": "reading",
        "event_type": event_type,
        "observed_at": newest["at"],
        **{name: newest[name] for name in where},
    }
