"""Who works for later lets go first who answers somebody now: thread by thread."""

import os
import sys
import threading
from collections.abc import Callable

import pytest

from blackboard.loop import Loop
from blackboard.priority import WORK, give_way

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows the priority of a thread")


class Once:
    """Notes at which niceness it worked."""

    def __init__(self) -> None:
        self.found: list[int] = []

    def step(self) -> bool:
        self.found.append(niceness())
        return False

    def close(self) -> None:
        self.found.append(niceness())


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def on_a_thread(act: Callable[[], None]) -> None:
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def test_a_loop_gives_way_on_its_own_thread_alone() -> None:
    worker, before = Once(), niceness()
    loop = Loop(worker, until_idle=True, idle_rounds=1, niceness=before + WORK)
    on_a_thread(loop.run)
    assert (worker.found, niceness()) == ([before + WORK] * 2, before)


def test_where_priorities_cannot_be_set_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*asked: int) -> None:
        raise PermissionError("not here")

    monkeypatch.setattr(os, "setpriority", refuse)
    before = niceness()
    give_way(WORK)
    assert niceness() == before
