"""Where view stores lie, who has one open, and how one is moved out of the way or copied."""

import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
from django.conf import settings

from blackboard.loop import now_ms
from views_engine.units.base import one

HELD = "Could not set lock on file"
"""DuckDB's words for a file that another process has open. Blocks, too, have a lock in their name."""

KEPT_ASIDE = 2
"""So many stores that were set aside are kept for somebody to look at; they may be large."""


def store_path(name: str) -> Path:
    """Where the calculator of that name keeps its store."""
    path: Path = settings.DATA_DIR / "views" / f"{name}.duckdb"
    return path


def mark_of(path: Path) -> Path:
    """The file beside a store that says it is damaged, and how that was found."""
    return path.with_name(f"{path.name}.damaged")


def parts(path: Path) -> Iterator[Path]:
    """A store and what may lie beside it."""
    return (path.with_name(path.name + suffix) for suffix in ("", ".wal", ".damaged"))


def held(path: Path) -> bool:
    """Whether another process has this store open."""
    if not path.exists():
        return False
    try:
        duckdb.connect(str(path)).close()
    except duckdb.Error as error:
        return HELD in str(error)
    return False


def set_aside(path: Path) -> Path:
    """Moves a store and what lies beside it out of the way, and lets go of the oldest; returns where it lies now."""
    aside = path.with_name(f"{path.name}.broken-{now_ms()}")
    for part in parts(path):
        if part.exists():
            part.rename(aside.with_name(aside.name + part.name.removeprefix(path.name)))
    for old in sorted(path.parent.glob(f"{path.name}.broken-*[0-9]"))[:-KEPT_ASIDE]:
        for part in parts(old):
            part.unlink(missing_ok=True)
    return aside


def copy(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """A consistent copy of the whole store, made beside whoever writes; no transaction may be open."""
    (source,) = one(connection, "SELECT current_database()")
    name = f"copy_{threading.get_ident()}"
    connection.execute(f"ATTACH '{target}' AS {name}")
    try:
        connection.execute("BEGIN")
        connection.execute(f'COPY FROM DATABASE "{source}" TO {name}')
        connection.execute("COMMIT")
    finally:
        connection.execute(f"DETACH {name}")
