"""Object storage: a folder, S3 or memory, as `storage.url` says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import obstore
from django.conf import settings
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from events.segments import open_store

CHUNK = 1 << 20


class Away(Exception):
    """The storage does not answer, or not now; the message is its first word on it."""


@cache
def get_store() -> ObjectStore:
    """The object store of this process, opened on first use."""
    return open_store(settings.STORAGE_URL)


def put(path: str, file: Path) -> None:
    """Stores a file under `path`; it is there in whole or not at all. Raises `Away`."""
    with file.open("rb") as content, _answering():
        obstore.put(get_store(), path, content)


def chunks(path: str) -> Iterator[bytes]:
    """The content of an object, piece by piece; FileNotFoundError when there is none."""
    for chunk in obstore.get(get_store(), path).stream(min_chunk_size=CHUNK):
        yield bytes(chunk)


def copy(path: str, target: Path, progress: Callable[[int], object] = lambda size: None) -> None:
    """Writes an object to a file; `progress` hears of every so many bytes.

    Raises FileNotFoundError when the storage is there and has no such object, `Away` when it does not give it, and
    OSError when there is no room for the file.
    """
    with target.open("wb") as file:
        for chunk in _answered(path):
            file.write(chunk)
            progress(len(chunk))


def listing(prefix: str) -> Iterator[tuple[str, int]]:
    """Path and size of every object below `prefix`; raises `Away`."""
    with _answering():
        for some in obstore.list(get_store(), prefix):
            yield from ((str(one["path"]), int(one["size"])) for one in some)


def remove(path: str) -> None:
    """Removes an object; that it is gone already is as good. Raises `Away`."""
    with suppress(FileNotFoundError), _answering():
        obstore.delete(get_store(), path)


def _answered(path: str) -> Iterator[bytes]:
    pieces = chunks(path)
    while True:
        with _answering():
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise Away(str(error).partition("\n")[0]) from error
