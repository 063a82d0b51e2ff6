import pytest

from events.ingest import pace
from events.ingest.pace import Pace


def test_without_a_rate_nobody_waits() -> None:
    free = Pace(0)
    free.take("a", 10**9, now=0)
    assert free.wait_s("a", now=0) == 0


def test_a_large_batch_comes_in_and_is_paid_for_afterwards() -> None:
    limited = Pace(100)
    assert limited.wait_s("a", now=0) == 0
    limited.take("a", 1000, now=0)
    assert limited.wait_s("a", now=0) == pytest.approx(9.01)
    assert limited.wait_s("a", now=9.02) == 0


def test_each_token_has_its_own_bucket() -> None:
    limited = Pace(1)
    limited.take("a", 5, now=0)
    assert limited.wait_s("a", now=0) > 0
    assert limited.wait_s("b", now=0) == 0


def test_idle_time_saves_up_no_more_than_a_second() -> None:
    limited = Pace(10)
    limited.take("a", 0, now=0)
    limited.take("a", 11, now=1000)
    assert limited.wait_s("a", now=1000) > 0


def test_full_buckets_are_forgotten_and_empty_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MAX_REMEMBERED", 2)
    limited = Pace(1)
    limited.take("fast", 100, now=0)
    limited.take("slow", 1, now=0)
    limited.take("third", 1, now=10)
    assert limited.wait_s("fast", now=10) > 0
    assert set(limited._buckets) == {"fast", "third"}
