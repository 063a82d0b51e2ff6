"""The thread that runs a mirror outlives whatever stops a round."""

import threading
from typing import Any

import duckdb
import pytest
from django.db import OperationalError

from views_engine.alerts.mirror import Lost, MirrorThread
from views_engine.calculator.mirrored import Mirrored


class Troubled:
    """A mirror whose first rounds fail, each in its own way."""

    behind = False

    def __init__(self, *troubles: Exception) -> None:
        self._troubles, self.mirrored = list(troubles), Mirrored()
        self.went_on, self.closed = threading.Event(), threading.Event()

    def step(self) -> bool:
        if self._troubles:
            raise self._troubles.pop(0)
        self.went_on.set()
        return True

    def close(self) -> None:
        self.closed.set()


def run(mirror: Any, **options: Any) -> None:
    thread = MirrorThread(mirror, **options)
    thread.start()
    assert mirror.went_on.wait(20)
    thread.stop()
    assert mirror.closed.is_set()


def test_a_database_that_is_away_and_a_lost_fence_are_waited_out() -> None:
    run(Troubled(OperationalError("away"), OperationalError("away"), Lost("replaced"), ValueError("odd")))


def test_an_error_of_the_store_is_told() -> None:
    heard: list[duckdb.Error] = []
    run(Troubled(duckdb.IOException("damaged")), on_error=heard.append)
    assert [str(error) for error in heard] == ["damaged"]


def test_who_waits_for_the_mirror_ends_its_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views_engine.alerts.mirror.IDLE_S", 60)
    monkeypatch.setattr("views_engine.alerts.mirror.LONGEST_REST_S", 60)
    mirror: Any = Troubled()
    thread = MirrorThread(mirror)
    thread.start()
    assert mirror.went_on.wait(20)
    mirror.went_on.clear()
    mirror.mirrored.wanted.set()
    assert mirror.went_on.wait(20)
    thread.stop()
