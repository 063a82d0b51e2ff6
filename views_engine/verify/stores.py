"""A copy of a shard's view store to look into: from the live calculator, or from its file when nobody is live."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import httpx
from django.conf import settings

from blackboard import board
from views_engine.calculator.files import store_path


class NoStore(Exception):
    """There is nothing to look into; the message says what is missing."""


@contextmanager
def copy_of(shard: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a consistent copy; raises `NoStore`."""
    with TemporaryDirectory(prefix="verify-") as folder:
        copy = Path(folder) / "views.duckdb"
        if not _from_the_live_one(shard, copy):
            _from_the_file(shard, copy)
        connection = duckdb.connect(str(copy), config={"memory_limit": "1GB"})
        try:
            yield connection
        finally:
            connection.close()


def _from_the_live_one(shard: int, copy: Path) -> bool:
    seat = board.live(shard)
    if seat is None:
        return False
    headers = {"Authorization": f"Bearer {settings.INTERNAL_SECRET}"}
    try:
        with httpx.stream("GET", f"{seat.address}/snapshot", headers=headers, timeout=300) as answer:
            answer.raise_for_status()
            with copy.open("wb") as file:
                file.writelines(answer.iter_bytes())
    except httpx.HTTPError:
        return False
    return True


def _from_the_file(shard: int, copy: Path) -> None:
    """The file and its write-ahead log are copied, so that looking changes nothing."""
    path = store_path(f"calculator-{shard}")
    if not path.exists():
        raise NoStore(f"shard {shard} has no views yet: there is no {path}. Has run_stack ever run here?")
    try:
        duckdb.connect(str(path), read_only=True).close()
    except duckdb.Error as error:
        raise NoStore(f"{path} cannot be read: {error}") from error
    for suffix in ("", ".wal"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            shutil.copyfile(part, copy.with_name(copy.name + suffix))
