"""Object storage by its address: `file://`, `s3://`, `memory://`."""

from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

PATIENCE: Any = {
    "client_options": {"connect_timeout": "5s", "timeout": "120s"},
    "retry_config": {"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
}
"""A server that does not answer is given up soon: whoever needs it has something better to do, or comes again."""


def open_store(url: str) -> ObjectStore:
    """The store at `url`; a folder that does not exist is made."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStore(unquote(parts.path), mkdir=True)
    return MemoryStore() if parts.scheme == "memory" else from_url(url, **PATIENCE)
