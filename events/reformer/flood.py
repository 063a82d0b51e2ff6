"""Notices when dead letters come in a flood."""

from collections import deque

MINUTE_MS = 60_000


class Flood:
    """More than `limit` dead letters within a minute are a flood."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.high = False
        self._recent: deque[tuple[int, int]] = deque()
        self._count = 0

    def note(self, letters: int, now: int) -> bool:
        """Counts letters at `now` (milliseconds); True when this is the moment a flood begins."""
        if letters:
            self._recent.append((now, letters))
            self._count += letters
        while self._recent and self._recent[0][0] <= now - MINUTE_MS:
            self._count -= self._recent.popleft()[1]
        was, self.high = self.high, self._count > self.limit
        return self.high and not was
