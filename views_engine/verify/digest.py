"""A digest of every view, the same for any order of arrival of the same events.

It leaves out what tells of arrival: place, arrival, the times of receipt, and how a payload happened to be written
(the first copy of an event that comes in is kept, and copies may differ in unit and in the order of members).
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from json import dumps, loads
from typing import Any

import duckdb

from views_engine.calculator import queries
from views_engine.verify.compare import alerts_of, of_units, questions, types_of
from views_engine.verify.json_text import canonical_text

OF_ARRIVAL = frozenset({"place", "arrival", "received_at", "last_received_at", "late_events"})


def digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """The SHA-256 of the rows of one view, as hexadecimal digits."""
    total = sha256()
    for row in rows:
        told = {name: _told(name, value) for name, value in row.items() if name not in OF_ARRIVAL}
        total.update(dumps(told, sort_keys=True).encode() + b"\n")
    return total.hexdigest()


def digests(store: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The digest of every view of a store, by the view's title."""
    return {
        question.title: digest(queries.run(store, question.name, question.parameters).to_pylist())
        for question in [*questions(types_of([], store)), alerts_of(store), *of_units()]
    }


def _told(column: str, value: Any) -> Any:
    if column == "payload":
        return canonical_text({name: sent for name, sent in loads(value).items() if name not in ("value", "unit")})
    return int(value) if column == "sum" else value
