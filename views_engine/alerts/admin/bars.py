"""How many alerts began on each day, as bars to draw."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

WIDTH, HEIGHT = 720, 120
MOST_DAYS = 366


class Bar(NamedTuple):
    """One day and how many alerts began on it; `x`, `y`, `width` and `height` in a drawing of `WIDTH` by `HEIGHT`."""

    day: date
    alerts: int
    x: float
    y: float
    width: float
    height: float


def bars(starts: Iterable[datetime], begin: datetime, end: datetime) -> list[Bar]:
    """A bar for each UTC day from `begin` to `end`, the newest of them where they are very many."""
    counts = Counter(start.astimezone(UTC).date() for start in starts)
    last = end.astimezone(UTC).date()
    days = min((last - begin.astimezone(UTC).date()).days + 1, MOST_DAYS)
    width, highest = WIDTH / days, max(counts.values(), default=1)
    found = []
    for place in range(days):
        day = last - timedelta(days=days - 1 - place)
        height = HEIGHT * counts[day] / highest
        found.append(Bar(day, counts[day], place * width, HEIGHT - height, width * 0.8, height))
    return found
