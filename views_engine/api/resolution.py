"""Which windows to answer with where none were asked for. Pure."""

from collections.abc import Mapping

WINDOW_MS: Mapping[str, int] = {"1m": 60_000, "1h": 3_600_000, "1d": 86_400_000}
"""Length of the windows of each resolution, the finest first."""

MOST_WINDOWS = 1000
"""So many windows a device has at most under the default resolution, unless days are too fine already."""


def default_resolution(*, start: int | None, end: int | None, oldest: int | None, newest: int | None) -> str:
    """The finest resolution with at most `MOST_WINDOWS` windows whose start lies in [start, end).

    Where an end is absent, the data's own (`oldest`, `newest`, milliseconds; None without any data) takes its place.
    """
    if oldest is None or newest is None:
        return next(iter(WINDOW_MS))
    for name, length in WINDOW_MS.items():
        first = oldest // length if start is None else -(-start // length)
        last = newest // length if end is None else -(-end // length) - 1
        if last - first + 1 <= MOST_WINDOWS:
            return name
    return name
