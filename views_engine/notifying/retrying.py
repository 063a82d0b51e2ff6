"""When to try again. Pure: time and chance are handed in."""

from datetime import datetime, timedelta

FIRST_S = 10
LONGEST_S = 3600


def next_attempt(*, attempts: int, now: datetime, give_up_at: datetime, chance: float) -> datetime | None:
    """When to try again after `attempts` failures (from 1); None when that would be too late.

    Waits 10 s after the first failure, twice as long after each further one, an hour at most; `chance` (0 … 1) takes
    up to half of it away, so that what failed together does not come back together.
    """
    wait_s = min(FIRST_S * 2 ** min(attempts - 1, 20), LONGEST_S) * (1 - chance / 2)
    at = now + timedelta(seconds=wait_s)
    return at if at < give_up_at else None
