"""What nobody waits for lets everything else go first."""

import os
import sys
import threading
from collections.abc import Callable

import pytest

from blackboard.priority import NICENESS, give_way

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows the priority of a thread")


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def on_a_thread(act: Callable[[], int]) -> int:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join()
    return found[0]


def gave_way() -> int:
    give_way()
    return niceness()


def test_a_thread_gives_way_by_itself() -> None:
    before = niceness()
    assert (on_a_thread(gave_way), niceness()) == (NICENESS, before)


def test_the_threads_that_it_starts_give_way_as_well() -> None:
    def starting() -> int:
        give_way()
        return on_a_thread(niceness)

    assert on_a_thread(starting) == NICENESS


def test_where_priorities_cannot_be_set_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*asked: int) -> None:
        raise PermissionError("not here")

    monkeypatch.setattr(os, "setpriority", refuse)
    assert on_a_thread(gave_way) == niceness()
