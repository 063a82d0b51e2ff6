"""Bad days of what processes stand on: it goes on by itself, and nothing is lost."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.stack.crashing.ground import Ground
from tests.stack.running import RunningStack
from tests.stack.test_trouble import Client, holds

AWAY_S = float(os.environ.get("DATABASE_AWAY_S", "10"))

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240 + 4 * AWAY_S)]


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Events were received and ordered; a calculator has taken in the first half, and the late ones are to come."""
    ground = Ground(tmp_path)
    reform, calculate = ("run_reformer", "--until-idle"), ("run_calculator", "--until-idle")
    ground.well(("migrate", "-v", "0"), "register_devices", "send", reform, calculate, ("snapshot",))
    ground.well("send_more", reform)
    ground.keep("late events wait")
    yield ground
    ground.close()


def test_a_disk_that_is_full_during_a_repair_is_no_damage(ground: Ground) -> None:
    ground.well(("run_calculator", "--until-idle"))
    whole = ground.told()
    ground.put_back("late events wait")
    assert ground.run("calculate_on_a_full_disk") == 1
    assert "Could not write" in ground.last_words()
    assert list((ground.data / "views").glob("*.damaged")) == []
    ground.well(("run_calculator", "--until-idle"))
    assert ground.told() == whole
    assert list((ground.data / "views").glob("*.broken-*")) == []


def test_no_room_for_a_snapshot_makes_no_snapshot_bad(ground: Ground) -> None:
    ground.well("forget_the_store")
    assert ground.run("heal_on_a_full_disk") == 1
    assert "File too large" in ground.last_words()
    ground.well(("run_calculator", "--until-idle"), ("restore", "--list"))
    assert "bad:" not in ground.last_words()
    assert "snapshot_restored" in ground.last_words(100_000)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunningStack]:
    running = RunningStack(tmp_path)
    running.start()
    running.wait_until_ready()
    yield running
    running.kill()


def taken(client: Client) -> bool:
    """Whether a batch was acknowledged; whatever was not is sent again under other ids."""
    try:
        return client.taken()
    except httpx.HTTPError:
        return False


def test_the_database_is_away_for_a_while(stack: RunningStack) -> None:
    client = Client(stack)
    assert client.taken()
    with closing(sqlite3.connect(stack.data_dir / "database.sqlite3", timeout=30)) as database:
        database.execute("BEGIN EXCLUSIVE")
        time.sleep(AWAY_S)
        database.rollback()
    stack.wait_for(lambda: taken(client), 60, "events to be taken again")
    stack.wait_until_ready()
    holds(stack, client.acknowledged)
