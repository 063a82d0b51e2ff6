"""Feeds a device's next events through a unit: passes over what lets it rest, and glides where it is awake. Pure."""

from bisect import bisect_left
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from views_engine.folds.contract import Columns, Reading
from views_engine.folds.engine import ASIDE, RESTING, Course, Folder


class Passage:
    """A batch of rows as one unit sees it; `stirring` are the rows that stir, rising, None for all of them."""

    def __init__(self, folder: Folder, columns: Columns, reading: Callable[[int], Reading]) -> None:
        mask = folder.stirring(columns)
        self.stirring: NDArray[np.int64] | None = None if mask is None else np.flatnonzero(mask)
        self._stirring: list[int] | None = None if self.stirring is None else self.stirring.tolist()
        self._glide, self._reading = folder.glide(columns), reading

    def feed(self, course: Course, device_id: str, row: int, end: int) -> None:
        """Takes the device's rows from `row` up to `end`."""
        while row < end and course.held != ASIDE:
            if course.held is RESTING:
                row = self._next_stirring(row, end)
            elif self._glide is not None:
                row = course.glide(self._glide, device_id, row, end)
            if row < end:
                course.take(self._reading(row))
                row += 1

    def _next_stirring(self, row: int, end: int) -> int:
        if self._stirring is None:
            return row
        found = bisect_left(self._stirring, row)
        return self._stirring[found] if found < len(self._stirring) else end
