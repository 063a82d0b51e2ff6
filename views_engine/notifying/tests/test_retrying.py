from datetime import UTC, datetime, timedelta

import pytest

from views_engine.notifying.retrying import next_attempt

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEVER = NOW + timedelta(days=1000)


@pytest.mark.parametrize(
    ("attempts", "chance", "wait_s"),
    [(1, 0, 10), (2, 0, 20), (3, 0, 40), (9, 0, 2560), (10, 0, 3600), (1000, 0, 3600), (1, 1, 5), (10, 0.5, 2700)],
)
def test_the_wait_doubles_up_to_an_hour(attempts: int, chance: float, wait_s: float) -> None:
    at = next_attempt(attempts=attempts, now=NOW, give_up_at=NEVER, chance=chance)
    assert at == NOW + timedelta(seconds=wait_s)


def test_what_would_be_too_late_is_given_up() -> None:
    end = NOW + timedelta(seconds=10)
    assert next_attempt(attempts=1, now=NOW, give_up_at=end, chance=0) is None
    assert next_attempt(attempts=1, now=NOW, give_up_at=end, chance=0.01) is not None
