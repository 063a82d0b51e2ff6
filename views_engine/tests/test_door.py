"""The private door: questions over HTTP, the feed of changes, and snapshots."""

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pyarrow as pa
import pytest

from views_engine.calculator import queries
from views_engine.calculator.door_server import DoorServer
from views_engine.calculator.serving import ARROW, Door
from views_engine.calculator.store import Store, read_standing
from views_engine.tests.histories import NOON, History, event

SECRET = "between us"
OURS = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture
def history() -> History:
    history = History().batch(event(0, 20.0), event(60, 21.0)).batch(event(30, 30.0)).marker()
    history.ask("ledger")
    return history


@pytest.fixture
def client(history: History) -> Iterator[httpx.Client]:
    door = Door(store=history.store, changes=history.calculator.changes, secret=SECRET, patience_s=0.1)
    server = DoorServer(door)
    server.start()
    with httpx.Client(base_url=server.address, headers=OURS) as client:
        yield client
    server.stop()


def ask(client: httpx.Client, name: str, **parameters: Any) -> httpx.Response:
    return client.post(f"/query/{name}", content=orjson.dumps(parameters))


def test_an_answer_names_the_set_of_events_it_equals(client: httpx.Client) -> None:
    answer = ask(client, "windows", event_type="temperature", resolution="1h").json()
    assert answer["version"] == {"epoch": 1, "position": 3}
    assert [(row["count"], row["sum"]) for row in answer["rows"]] == [(3, 71_000_000)]


def test_strangers_are_turned_away(client: httpx.Client) -> None:
    assert ask(httpx.Client(base_url=client.base_url), "ledger").status_code == 401


@pytest.mark.parametrize(
    ("name", "parameters", "status", "words"),
    [
        ("everything", {}, 404, "everything"),
        ("windows", {"event_type": "temperature"}, 400, "resolution"),
        ("windows", {"event_type": "temperature", "resolution": "2h"}, 400, "resolution"),
        ("events", {"limit": "many"}, 400, "limit"),
        ("events", {"after": [1]}, 400, "after"),
        ("events", {"colour": "red"}, 400, "colour"),
    ],
)
def test_bad_questions_are_answered_with_what_is_wrong(
    client: httpx.Client, name: str, parameters: dict[str, Any], status: int, words: str
) -> None:
    answer = ask(client, name, **parameters)
    assert (answer.status_code, words in answer.json()["reason"]) == (status, True)


def test_bulk_comes_as_an_arrow_stream(client: httpx.Client) -> None:
    answer = client.post("/query/events", content=b"{}", headers={"Accept": ARROW})
    assert orjson.loads(answer.headers["x-view-version"]) == {"epoch": 1, "position": 3}
    assert pa.ipc.open_stream(io.BytesIO(answer.content)).read_all().num_rows == 3


def test_a_version_that_is_not_reached_in_time_is_a_503(client: httpx.Client) -> None:
    assert ask(client, "ledger", at_least={"epoch": 0, "position": 3}).status_code == 200
    assert ask(client, "ledger", at_least={"epoch": 0, "position": 99}).status_code == 503


def test_every_question_answers(client: httpx.Client) -> None:
    rule = {"name": "hot", "kind": "threshold", "event_type": "temperature", "severity": "info", "effective_from": 0}
    rule |= {"parameters": {"operator": ">", "value": 1}}
    needed = {"event_type": "temperature", "resolution": "1m", "bucket_ms": 1000, "offline_after_s": 900}
    needed |= {"unit": "rule:1", "epoch": 0, "position": 0, "rule": rule, "from": 0, "to": NOON}
    assert {name: ask(client, name, **needed).status_code for name in queries.NAMES} == dict.fromkeys(
        queries.NAMES, 200
    )


def test_the_feed_tells_what_each_commit_changed(history: History, client: httpx.Client) -> None:
    with client.stream("GET", "/changes") as feed:
        lines = feed.iter_lines()
        assert orjson.loads(next(lines))["version"] == {"epoch": 1, "position": 3}
        history.batch(event(90, 25.0), event(40, 24.0)).marker()
        history.ask("ledger")
        batch, marker = orjson.loads(next(lines)), orjson.loads(next(lines))
    assert (batch["version"], marker["version"]) == ({"epoch": 1, "position": 4}, {"epoch": 2, "position": 5})
    assert [(change["event_type"], change["value"]) for change in batch["changes"]] == [("temperature", 25_000_000)]
    assert (batch["applied"], batch["late"], batch["corrected"]) == (1, 1, [])
    assert (marker["applied"], marker["late"], marker["corrected"]) == (0, 0, ["collar-1"])


def test_a_snapshot_is_a_whole_store_of_its_own(client: httpx.Client, tmp_path: Path) -> None:
    path = tmp_path / "copy.duckdb"
    path.write_bytes(client.get("/snapshot").content)
    store = Store.open(path)
    assert read_standing(store.connection).position == 3
    windows = queries.run(store.connection, "windows", {"event_type": "temperature", "resolution": "1d"})
    assert windows.column("count").to_pylist() == [3]


async def test_a_listener_that_does_not_keep_up_is_cut_off() -> None:
    from views_engine.calculator.serving import _hand_over, _lines

    lines: asyncio.Queue[bytes] = asyncio.Queue(2)
    loop = asyncio.get_running_loop()
    for number in range(3):
        _hand_over(loop, lines, b"line %d\n" % number)
    await asyncio.sleep(0)
    assert [line async for line in _lines(lines, loop.create_future())] == [b"line 1\n"]


def test_feeds_end_with_their_door(history: History) -> None:
    door = Door(store=history.store, changes=history.calculator.changes, secret=SECRET)
    server = DoorServer(door)
    server.start()
    with httpx.Client(base_url=server.address, headers=OURS).stream("GET", "/changes") as feed:
        lines = feed.iter_lines()
        next(lines)
        server.stop()
        assert list(lines) == []
