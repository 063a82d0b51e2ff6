"""Object storage: a folder, S3 or memory, as `storage.url` says."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import obstore
from django.conf import settings
from obstore.store import ObjectStore

from events.segments import open_store

CHUNK = 1 << 20


@cache
def get_store() -> ObjectStore:
    """The object store of this process, opened on first use."""
    return open_store(settings.STORAGE_URL)


def put(path: str, file: Path) -> None:
    """Stores a file under `path`; it is there in whole or not at all."""
    with file.open("rb") as content:
        obstore.put(get_store(), path, content)


def chunks(path: str) -> Iterator[bytes]:
    """The content of an object, piece by piece; FileNotFoundError when there is none."""
    for chunk in obstore.get(get_store(), path).stream(min_chunk_size=CHUNK):
        yield bytes(chunk)


def remove(path: str) -> None:
    """Removes an object; that it is gone already is as good."""
    try:
        obstore.delete(get_store(), path)
    except FileNotFoundError:
        return
