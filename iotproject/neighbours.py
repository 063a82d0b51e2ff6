"""What lies outside this process, tried for real: storage, broker, the port, a running stack."""

import fcntl
import socket
from enum import Enum
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import httpx

BROKER_S = 3


class Holder(Enum):
    """Who listens on a port."""

    NOBODY = "free"
    OURS = "ours, and answers"
    SOMEBODY_ELSE = "taken"


def store_and_fetch(url: str) -> None:
    """Writes, reads and deletes a small object under `url`; raises whatever the store raises."""
    from obstore.store import LocalStore, from_url

    parts = urlsplit(url)
    store = LocalStore(parts.path, mkdir=True) if parts.scheme == "file" else from_url(url)
    name, content = f"doctor/{token_hex(8)}", token_hex(8).encode()
    store.put(name, content)
    try:
        if bytes(store.get(name).bytes()) != content:
            raise OSError("what was read is not what was written")
    finally:
        store.delete(name)


def reach_broker() -> None:
    """Connects to Celery's broker; raises whatever the transport raises."""
    from iotproject.celery import app

    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=BROKER_S)


def stack_runs(data_dir: Path) -> bool:
    """Whether a `run_stack` holds this data directory now."""
    try:
        with (data_dir / "stack.lock").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def who_listens(host: str, port: int) -> Holder:
    address = "127.0.0.1" if host in ("0.0.0.0", "") else host
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return Holder.NOBODY
    try:
        answer = httpx.get(f"http://{address}:{port}/healthz", timeout=2, trust_env=False)
        return Holder.OURS if answer.json() == {"status": "ok"} else Holder.SOMEBODY_ELSE
    except (httpx.HTTPError, ValueError):
        return Holder.SOMEBODY_ELSE
