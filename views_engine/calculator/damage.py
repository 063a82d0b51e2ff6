"""Errors that mean a store's file is damaged, as opposed to a disk that is full or a question that is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import structlog

from views_engine.calculator.files import mark_of

log = structlog.get_logger(__name__)

_DAMAGE = ("Corrupt", "does not match stored checksum", "Could not read", "not a valid DuckDB", "deserialize")
_NO_ROOM = ("Could not write", "No space left", "File too large", "quota", "Out of Memory", "max_temp_directory_size")
_GRAVE = (duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)


class StoreDamaged(Exception):
    """The store's file is damaged inside. It is marked; this process must end, and the next start heals."""


class Damage:
    """Watches what DuckDB says of one store. Any thread may `note`; the calculator's thread asks `found`."""

    def __init__(self, path: Path) -> None:
        self.path, self.found = path, ""

    def note(self, error: BaseException) -> None:
        """Marks the store when the error means that it is damaged."""
        if self.found or not means_damage(error):
            return
        self.found = str(error).partition("\n")[0]
        log.error("store_damaged", path=str(self.path), reason=self.found)
        mark_of(self.path).write_text(self.found)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around work on the store; raises `StoreDamaged` once damage was found, by whichever thread."""
        self._check()
        try:
            yield
        except duckdb.Error as error:
            self.note(error)
            self._check(error)
            raise

    def _check(self, cause: Exception | None = None) -> None:
        if self.found:
            raise StoreDamaged(f"{self.path} is damaged and will be made anew: {self.found}") from cause


def means_damage(error: BaseException) -> bool:
    """Whether DuckDB's error says that what it read from the file cannot be. A full disk, or too little memory, says
    so in what it is called fatal for."""
    if not isinstance(error, duckdb.Error):
        return False
    words = str(error)
    if any(word in words for word in _NO_ROOM):
        return False
    return isinstance(error, _GRAVE) or any(word in words for word in _DAMAGE)
