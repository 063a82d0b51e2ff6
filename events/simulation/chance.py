"""Chance without a state: the same keys always give the same number, whatever was drawn before. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Wholes = NDArray[np.int64]
Key = int | NDArray[Any]

_GOLDEN, _FIRST, _SECOND = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def uniform(*keys: Key) -> Doubles:
    """Numbers in [0, 1), one for each combination of keys as numpy broadcasts them (SplitMix64)."""
    mixed = np.zeros(1, dtype=np.uint64)
    for key in keys:
        mixed = _mix(mixed ^ (np.asarray(key).astype(np.int64).view(np.uint64)))
    return (mixed >> np.uint64(11)).astype(np.float64) * np.float64(2.0**-53)


def normal(*keys: Key) -> Doubles:
    """Standard normal numbers (Box and Muller)."""
    radius = np.sqrt(-2 * np.log(1 - uniform(*keys, 1)))
    values: Doubles = radius * np.cos(2 * np.pi * uniform(*keys, 2))
    return values


def between(low: float, high: float, *keys: Key) -> Doubles:
    return low + (high - low) * uniform(*keys)


def one_of(choices: Sequence[float], *keys: Key) -> Doubles:
    return np.array(choices, dtype=np.float64)[(uniform(*keys) * len(choices)).astype(np.int64)]


def _mix(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    value = value + _GOLDEN
    value = (value ^ (value >> np.uint64(30))) * _FIRST
    value = (value ^ (value >> np.uint64(27))) * _SECOND
    return value ^ (value >> np.uint64(31))
