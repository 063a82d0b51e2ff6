"""Object storage by its address: `file://`, `s3://`, `memory://`."""

from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url


def open_store(url: str) -> ObjectStore:
    """The store at `url`; a folder that does not exist is made."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStore(unquote(parts.path), mkdir=True)
    return MemoryStore() if parts.scheme == "memory" else from_url(url)
