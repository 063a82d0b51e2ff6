"""Two calculators of a shard: one dies, hangs, hands over or is drained, and whoever reads does not notice."""

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.stack.load import Sender
from tests.stack.running import RunningStack
from tests.stack.watching import Board, Seen, Watcher, seconds_until

KILLS = int(os.environ.get("STACK_FAILOVERS", "2"))
WITHIN_S = 5.0
"""How soon somebody else must be live, on a machine that may be busy with other tests; `benchmarks` measures it."""

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400 + 20 * KILLS)]

HEAVY = 5_000
"""Late events of one repair that is handed over."""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunningStack]:
    running = RunningStack(tmp_path, {"IOT_REFORMER__HANDOVER_LATE_EVENTS": str(HEAVY)})
    running.start()
    running.wait_until_ready()
    yield running
    running.kill()


@pytest.fixture
def person(stack: RunningStack) -> dict[str, str]:
    return stack.administrator()


@pytest.fixture
def board(stack: RunningStack, person: dict[str, str]) -> Board:
    return Board(stack, person)


def visible(stack: RunningStack, gateway: dict[str, str], person: dict[str, str], event_id: str) -> None:
    """Returns as soon as an event that is sent now is in an answer."""
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    payload = {"value": 1}
    event = {"device_id": event_id, "event_type": "temperature", "observed_at": moment, "payload": payload}
    httpx.post(f"{stack.address}/api/v1/events", json=event, headers=gateway, timeout=30).raise_for_status()
    url = f"{stack.address}/api/v1/events?device_id={event_id}"
    seconds_until(lambda: bool(httpx.get(url, headers=person, timeout=30).json()["results"]), within_s=120)


def unharmed(stack: RunningStack, sender: Sender, seen: list[Seen]) -> None:
    """No read failed, the same version gave the same answer, and nothing was lost or doubled."""
    assert [one for one in seen if one.status != 200] == []
    answers: dict[str, str] = {}
    for one in seen:
        assert answers.setdefault(one.version, str(one.rows)) == str(one.rows)
    assert stack.stop() == 0, stack.last_words()
    assert stack.manage("run_stack", "--until-idle").returncode == 0
    verified = stack.manage("verify_views")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert sender.acknowledged


def test_whoever_is_live_is_killed_again_and_again(stack: RunningStack, person: dict[str, str], board: Board) -> None:
    gateway = stack.gateway()
    sender = Sender(stack.address, gateway, seed=0, rest_s=0.5)
    sender.start()
    watcher = Watcher(stack, "metrics/temperature?device_id=load-0-1&resolution=1d", person)
    board.wait_for_a_deputy()
    watcher.start()
    took = []
    for number in range(KILLS):
        victim = board.wait_for_a_deputy()
        os.kill(victim["pid"], signal.SIGKILL)
        took.append(_seconds_until_another_is_live(board, victim["name"]))
        visible(stack, gateway, person, f"after-{number}")
    sender.stop()
    sender.join()
    assert board.changes().count("failed over") >= KILLS
    assert max(took) < WITHIN_S, took
    unharmed(stack, sender, watcher.stop())


def _seconds_until_another_is_live(board: Board, former: str) -> float:
    return seconds_until(lambda: _live(board) not in (None, former), within_s=60)


def test_who_was_stopped_comes_back_fenced(stack: RunningStack, person: dict[str, str], board: Board) -> None:
    gateway = stack.gateway()
    sender = Sender(stack.address, gateway, seed=0, rest_s=0.5)
    sender.start()
    zombie = board.wait_for_a_deputy()
    watcher = Watcher(stack, "metrics/temperature?device_id=load-0-1&resolution=1d", person)
    watcher.start()
    os.kill(zombie["pid"], signal.SIGSTOP)
    stack.wait_for(lambda: _live(board) not in (None, zombie["name"]), 30, "another one to be live")
    visible(stack, gateway, person, "meanwhile")
    os.kill(zombie["pid"], signal.SIGCONT)
    stack.wait_for(lambda: "fenced" in board.changes(), 30, "the zombie to find itself fenced")
    stack.wait_for(lambda: _next(board) == zombie["name"], 30, "the zombie to be of use again")
    sender.stop()
    sender.join()
    assert _live(board) != zombie["name"]
    unharmed(stack, sender, watcher.stop())


def _live(board: Board) -> str | None:
    live = board.in_role("live")
    return live["name"] if live else None


def _next(board: Board) -> str | None:
    heir = board.in_role("next")
    return heir["name"] if heir else None


def history(ids: range, begin_s: float) -> bytes:
    """Temperatures of one device, one a second."""
    return b"\n".join(
        json.dumps(
            {
                "device_id": "buffered",
                "event_type": "temperature",
                "event_id": str(number),
                "observed_at": datetime.fromtimestamp(begin_s + number, UTC).isoformat(timespec="milliseconds"),
                "payload": {"value": 20},
            }
        ).encode()
        for number in ids
    )


def test_a_heavy_repair_is_handed_over_and_nobody_sees_half_of_it(
    stack: RunningStack, person: dict[str, str], board: Board
) -> None:
    headers = {**stack.gateway(), "Content-Type": "application/x-ndjson"}
    url, begin = f"{stack.address}/api/v1/events", time.time() - 86_400
    first = board.wait_for_a_deputy()["name"]

    def send(ids: range) -> None:
        httpx.post(url, content=history(ids, begin), headers=headers, timeout=60).raise_for_status()

    send(range(HEAVY, HEAVY + 10))
    watcher = Watcher(stack, "metrics/temperature?device_id=buffered&resolution=1d", person)
    watcher.start()
    stack.wait_for(lambda: _counted(watcher) == 10, 30, "the first events")
    send(range(HEAVY))
    stack.wait_for(lambda: _counted(watcher) == HEAVY + 10, 60, "the late events")
    stack.wait_for(lambda: "promoted" in board.changes(), 30, "the promotion")
    stack.wait_for(lambda: _next(board) == first, 30, "the former live one to be next")
    seen = watcher.stop()
    assert [one for one in seen if one.status != 200] == []
    assert {_count(one) for one in seen} <= {0, 10, HEAVY + 10}
    assert _live(board) != first


def _count(one: Seen) -> int:
    return sum(window["count"] for window in one.rows)


def _counted(watcher: Watcher) -> int:
    return _count(watcher.seen[-1]) if watcher.seen else 0


def test_roles_change_when_an_operator_asks(stack: RunningStack, person: dict[str, str], board: Board) -> None:
    first = board.wait_for_a_deputy()["name"]
    watcher = Watcher(stack, "ledger", person)
    watcher.start()
    assert board.ask("promote", shard=0).status_code == 202
    stack.wait_for(lambda: _live(board) not in (None, first), 30, "the promotion")
    assert board.ask("promote", shard=0, calculator=_live(board)).status_code == 409
    assert board.ask("drain", calculator=_live(board)).status_code == 202
    stack.wait_for(lambda: _live(board) == first and _next(board) is None, 30, "the drained one to have no role")
    assert [one for one in watcher.stop() if one.status != 200] == []
