"""kill -9 of any process at any moment, under load: nothing acknowledged is lost, nothing is doubled."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.load import Sender
from tests.stack.running import RunningStack, store_of

SECONDS = float(os.environ.get("STACK_KILL_SECONDS", "40"))
SEED = int(os.environ.get("STACK_KILL_SEED", "1"))

pytestmark = [pytest.mark.stack, pytest.mark.timeout(SECONDS + 240)]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunningStack]:
    running = RunningStack(tmp_path, {"IOT_CALCULATOR__FOLD_ROWS": "2000"})
    running.start()
    running.wait_until_ready()
    yield running
    running.kill()


def kill_at_random(stack: RunningStack, chance: random.Random) -> str:
    """One process of the stack, whichever; now and then the supervisor with all of them."""
    running = stack.processes()
    if not running or chance.random() < 0.1:
        stack.kill()
        stack.start()
        return "run_stack"
    victim = chance.choice(sorted(running))
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        return "nobody"
    return running[victim]


def test_killed_at_random(stack: RunningStack) -> None:
    chance, headers = random.Random(SEED), stack.gateway()
    senders = [Sender(stack.address, headers, seed) for seed in range(2)]
    for sender in senders:
        sender.start()
    killed, end = [], time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.2, 3))
        killed.append(kill_at_random(stack, chance))
    acknowledged_under_fire = sum(len(sender.acknowledged) for sender in senders)
    stack.wait_for(
        lambda: sum(len(sender.acknowledged) for sender in senders) > acknowledged_under_fire,
        60,
        f"events to be taken again after {killed}",
    )
    for sender in senders:
        sender.stop()
    for sender in senders:
        sender.join()
    stack.wait_until_ready()
    assert stack.stop() == 0, stack.last_words()
    assert acknowledged_under_fire > 100
    _holds(stack, senders)


def _holds(stack: RunningStack, senders: list[Sender]) -> None:
    finished = stack.manage("run_stack", "--until-idle")
    assert finished.returncode == 0, finished.stderr
    verified = stack.manage("verify_views")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    with store_of(stack.data_dir) as store:
        ids = [row[0] for row in store.execute("SELECT event_id FROM events").fetchall()]
        fates = dict(store.execute("SELECT fate, count FROM fates").fetchall())
        received = store.execute("SELECT raw_events FROM standing").fetchone()
    assert len(ids) == len(set(ids))
    assert set().union(*(sender.acknowledged for sender in senders)) <= set(ids)
    assert set(ids) <= set().union(*(sender.sent for sender in senders))
    assert received == (sum(fates.values()),)
    assert set(fates) <= {"applied", "applied_late", "duplicate"}
