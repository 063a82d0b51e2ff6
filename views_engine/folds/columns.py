"""Readings as columns, for the set-wise side of a unit. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from views_engine.folds.contract import Columns, Reading


def columns_of(readings: Sequence[Reading], *, looks_back: bool) -> Columns:
    """The columns of readings that are by device and order key."""
    columns = Columns(
        observed_at=np.array([one.observed_at for one in readings], dtype=np.int64),
        value=masked([one.value for one in readings]),
        latitude=masked([one.latitude for one in readings]),
        longitude=masked([one.longitude for one in readings]),
    )
    if not looks_back:
        return columns
    before = [one.before or (0, None) for one in readings]
    return columns._replace(
        before_at=np.array([at for at, _ in before], dtype=np.int64),
        before_value=masked([value for _, value in before]),
        has_before=np.array([one.before is not None for one in readings], dtype=np.bool_),
    )


def masked(numbers: Sequence[int | None]) -> "np.ma.MaskedArray[Any, Any]":
    """Whole numbers; None is masked."""
    absent = np.array([number is None for number in numbers], dtype=np.bool_)
    filled = np.array([0 if number is None else number for number in numbers], dtype=np.int64)
    return np.ma.MaskedArray(filled, mask=absent)
