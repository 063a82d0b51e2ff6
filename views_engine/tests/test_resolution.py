import pytest

from views_engine.api.resolution import default_resolution

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("start", "end", "oldest", "newest", "expected"),
    [
        (0, 1000 * MINUTE, 0, 0, "1m"),
        (0, 1000 * MINUTE + 1, 0, 0, "1h"),
        (1, 1000 * MINUTE + 1, 0, 0, "1m"),
        (0, 1000 * HOUR, 0, 0, "1h"),
        (0, 1000 * HOUR + 1, 0, 0, "1d"),
        (0, 5000 * DAY, 0, 0, "1d"),
        (None, None, 0, 1000 * MINUTE - 1, "1m"),
        (None, None, 0, 1000 * MINUTE, "1h"),
        (None, 1000 * MINUTE, 30_000, 0, "1m"),
        (0, None, 0, 1000 * HOUR, "1d"),
        (None, None, None, None, "1m"),
        (0, 5000 * DAY, None, None, "1m"),
        (None, None, -1, -1, "1m"),
    ],
)
def test_the_finest_windows_that_are_at_most_a_thousand(
    start: int | None, end: int | None, oldest: int | None, newest: int | None, expected: str
) -> None:
    assert default_resolution(start=start, end=end, oldest=oldest, newest=newest) == expected
