"""Whether a copy of a view store can be trusted."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from events.records import Fate
from views_engine.calculator.store import Standing, StoreUnusable, read_standing

CAREFUL: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "512MB", "threads": "1"}
_FATES = (Fate.APPLIED.value, Fate.APPLIED_LATE.value)
_ACCOUNTED = f"SELECT coalesce(sum(count), 0)::BIGINT FROM fates WHERE fate IN {_FATES}"
_TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT temporary"


class SnapshotBroken(Exception):
    """A copy that cannot be trusted; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Verified:
    standing: Standing
    events: int


def verify(file: Path, *, whole: bool = False) -> Verified:
    """Opens a copy and checks that it holds the events it accounts for; raises `SnapshotBroken`.

    With `whole`, every value of every table is read once, so that no damaged block goes unnoticed.
    """
    try:
        with duckdb.connect(str(file), read_only=True, config=CAREFUL) as connection:
            standing = read_standing(connection)
            events, accounted = _one(connection, "SELECT count(*) FROM events"), _one(connection, _ACCOUNTED)
            if whole:
                _read_everything(connection)
    except (duckdb.Error, StoreUnusable) as error:
        raise SnapshotBroken(f"the copy does not open: {error}") from error
    if events != accounted:
        raise SnapshotBroken(f"the copy holds {events} events and accounts for {accounted}")
    return Verified(standing, events)


def digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _read_everything(connection: duckdb.DuckDBPyConnection) -> None:
    for (table,) in connection.execute(_TABLES).fetchall():
        connection.execute(f'SELECT bit_xor(hash(t)) FROM "{table}" t').fetchall()


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    ((value,),) = connection.execute(sql).fetchall()
    return int(value)
