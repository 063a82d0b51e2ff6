"""A full disk and a locked file: a clear answer, nothing acknowledged is lost, and it goes on by itself."""

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
import httpx
import pytest

from tests.stack.load import Sender
from tests.stack.running import RunningStack, store_of

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

BATCH = 2_000
ENOUGH = 200
"""Batches by which a disk of a few megabytes is certainly full."""


class Client:
    """Posts batches of events that are new each time, and keeps the ids of those that were acknowledged."""

    def __init__(self, stack: RunningStack) -> None:
        self.address = f"{stack.address}/api/v1/events"
        self.headers = {**stack.gateway(), "Content-Type": "application/x-ndjson"}
        self.acknowledged: set[str] = set()
        self._maker = Sender(stack.address, {}, seed=0)
        self._batches = 0

    def post(self) -> httpx.Response:
        self._batches += 1
        ids = [f"{self._batches}.{n}" for n in range(BATCH)]
        body = b"\n".join(map(self._maker.event, ids))
        answer = httpx.post(self.address, content=body, headers=self.headers, timeout=60)
        if answer.status_code == 202:
            self.acknowledged.update(ids)
        return answer

    def taken(self) -> bool:
        return self.post().status_code == 202


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunningStack]:
    running = RunningStack(tmp_path)
    running.start()
    running.wait_until_ready()
    yield running
    running.kill()


@contextmanager
def full_disk(stack: RunningStack, program: str, bytes_a_file: int) -> Iterator[None]:
    """No file of this program may grow beyond so many bytes; SQLite and DuckDB see what they see on a full disk."""
    pids = [pid for pid, command in stack.processes().items() if program in command]
    assert pids
    _, hard = resource.prlimit(pids[0], resource.RLIMIT_FSIZE)
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (bytes_a_file, hard))
    try:
        yield
    finally:
        for pid in pids:
            if Path(f"/proc/{pid}").exists():
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def first_refusal(post: Callable[[], httpx.Response]) -> httpx.Response:
    for _ in range(ENOUGH):
        if (answer := post()).status_code != 202:
            return answer
    raise AssertionError("the disk was never full")


def holds(stack: RunningStack, acknowledged: set[str]) -> None:
    assert stack.stop() == 0, stack.last_words()
    finished = stack.manage("run_stack", "--until-idle")
    assert finished.returncode == 0, finished.stderr
    verified = stack.manage("verify_views")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    with store_of(stack.data_dir) as store:
        ids = [row[0] for row in store.execute("SELECT event_id FROM events").fetchall()]
    assert len(ids) == len(set(ids))
    assert set(ids) == acknowledged


def test_the_log_is_full(stack: RunningStack) -> None:
    client = Client(stack)
    assert client.taken()
    with full_disk(stack, "run_web", 4_000_000):
        refused = first_refusal(client.post)
    assert refused.status_code == 503
    assert "Retry-After" in refused.headers
    assert refused.headers["Content-Type"] == "application/problem+json"
    stack.wait_for(client.taken, 30, "events to be taken again")
    holds(stack, client.acknowledged)


def said(stack: RunningStack, process: str) -> bool:
    """Whether this process has logged an error, or the supervisor its death."""
    lines = (json.loads(line) for line in stack.words.read_text().splitlines() if line.startswith("{"))
    return any(
        (line.get("process", "").startswith(process) and line["level"] == "error")
        or (line["event"] == "died" and line["program"].startswith(process))
        for line in lines
    )


@pytest.mark.parametrize("process", ["reformer", "calculator"])
def test_no_room_for_what_is_made_of_events(stack: RunningStack, process: str) -> None:
    client = Client(stack)
    with full_disk(stack, f"run_{process}", 300_000):
        stack.wait_for(lambda: client.taken() and said(stack, process), 90, "a word about the full disk")
    holds(stack, client.acknowledged)


def test_a_locked_log(stack: RunningStack) -> None:
    client = Client(stack)
    assert client.taken()
    (path,) = stack.data_dir.rglob("raw.sqlite3")
    with closing(apsw.Connection(str(path))) as lock:
        lock.execute("BEGIN IMMEDIATE")
        refused = client.post()
        lock.execute("ROLLBACK")
    assert refused.status_code == 503
    assert "Retry-After" in refused.headers
    stack.wait_for(client.taken, 30, "events to be taken again")
    holds(stack, client.acknowledged)
