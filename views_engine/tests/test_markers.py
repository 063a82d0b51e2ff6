"""What a marker lets in, and what waits while a live calculator leaves the repair to its deputy."""

from typing import Any

import pytest

from events.records import Marker, marker_entry
from views_engine.calculator.markers import held_by
from views_engine.tests.histories import NOON, History, event


class Live(History):
    """A calculator that is live and leaves heavy repairs to a deputy, as long as there is one."""

    def __init__(self, **pace: Any) -> None:
        super().__init__(**pace)
        self.deputy = True
        self.calculator.defers = lambda: self.deputy

    def heavy(self) -> "Live":
        """A marker that is heavy enough to be held."""
        self.epoch += 1
        marker = Marker(epoch=self.epoch, late_events=9, devices=1, oldest_observed_at=None, plan="handover")
        self._append(marker_entry(marker, shard=0, at=self.clock, progress=self._progress()))
        return self

    def late(self, at: float) -> "Live":
        self.batch(event(at, at))
        return self

    def read(self) -> "Live":
        while self.calculator.step():
            continue
        return self

    @property
    def shown(self) -> tuple[int, list[int]]:
        """The epoch, and when what the views show was observed (seconds after noon)."""
        query = "SELECT observed_at FROM events ORDER BY 1"
        rows = self.store.connection.execute(query).fetchall()
        return self.store.standing.epoch, [(observed_at - NOON) // 1000 for (observed_at,) in rows]

    @property
    def waiting(self) -> int:
        return len(self.store.connection.execute("FROM waiting").fetchall())


@pytest.fixture
def live() -> Live:
    history = Live()
    history.batch(event(100, 1))
    return history


def test_a_marker_lets_in_what_came_before_it_and_keeps_nothing_waiting(live: Live) -> None:
    live.late(10).marker()
    live.read().late(20).read()
    assert (live.shown, live.waiting) == ((1, [10, 100]), 1)
    live.marker()
    assert (live.read().shown, live.waiting) == ((2, [10, 20, 100]), 0)


def test_a_marker_with_nothing_to_let_in_is_no_epoch(live: Live) -> None:
    live.marker()
    assert live.read().shown == (0, [100])


def test_a_heavy_marker_is_held_and_everything_behind_it(live: Live) -> None:
    live.late(10).heavy().late(20).marker()
    assert live.read().shown == (0, [100])
    assert [marker.epoch for marker in held_by(live.store)] == [1, 2]


def test_what_is_held_is_released_in_its_order_each_with_what_came_before_it(live: Live) -> None:
    live.late(10).heavy().late(20).marker()
    live.read().deputy = False
    seen = []
    while live.calculator.step():
        seen.append(live.shown)
    assert seen == [(1, [10, 100]), (2, [10, 20, 100])]
    assert live.store.standing.held == 0


def test_who_must_be_reached_is_the_newest_heavy_one(live: Live) -> None:
    live.late(10).heavy().late(20).marker()
    assert live.read().store.standing.held == 1
    live.late(30).heavy()
    assert live.read().store.standing.held == 3


def test_what_is_released_after_a_fold_is_in_the_rollups() -> None:
    live = Live(fold_rows=1)
    live.batch(event(100, 1)).batch(event(101, 2))
    live.late(10).heavy().batch(event(102, 3))
    live.read().deputy = False
    (window,) = live.ask("windows", event_type="temperature", resolution="1d")
    assert (window["count"], window["sum"]) == (4, 16_000_000)


def test_light_markers_are_never_held(live: Live) -> None:
    live.late(10).marker()
    assert live.read().shown == (1, [10, 100])


def test_a_step_stands_behind_what_it_has_read(live: Live) -> None:
    assert live.calculator.step()
    assert live.store.standing.position == 1
