"""Questions asked of a whole column; the answers that hold for all rows are the cheap ones."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value")


def where_none(values: Sequence[object]) -> NDArray[np.bool_]:
    nones = values.count(None)
    if nones in (0, len(values)):
        return np.full(len(values), bool(nones))
    return np.fromiter((value is None for value in values), np.bool_, len(values))


def where(values: Sequence[Value], holds: Callable[[Value], bool]) -> NDArray[np.bool_]:
    """Where it holds, asked once per distinct value: for columns with few of them."""
    answers = {value: holds(value) for value in set(values)}
    if len(set(answers.values())) == 1:
        return np.full(len(values), next(iter(answers.values())))
    return np.fromiter(map(answers.__getitem__, values), np.bool_, len(values))
