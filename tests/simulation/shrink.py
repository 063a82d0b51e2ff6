"""Makes a failing history small: acts are left out as long as it still fails."""

from collections.abc import Callable

from tests.simulation.history import History


def shrink(history: History, fails: Callable[[History], bool]) -> History:
    """A part of the history that fails still, and no longer does once any one of its acts is left out."""
    size = max(1, len(history) // 2)
    while True:
        smaller = _without_some(history, size, fails)
        if size == 1 and smaller == history:
            return history
        history, size = smaller, max(1, size // 2)


def _without_some(history: History, size: int, fails: Callable[[History], bool]) -> History:
    start = 0
    while start < len(history):
        rest = history[:start] + history[start + size :]
        if fails(rest):
            history = rest
        else:
            start += size
    return history
