"""Schemas so plain that a column of numbers is judged at once: bounds for `value`, and nothing that ties members."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

_ANNOTATIONS = {"title", "description", "examples", "default"}
_MEMBER_WISE = {"type", "properties", "required", "additionalProperties"} | _ANNOTATIONS
_BOUNDS = {"minimum": -math.inf, "maximum": math.inf, "exclusiveMinimum": -math.inf, "exclusiveMaximum": math.inf}
_FAR = 1e15
"""Bounds beyond this say nothing of values below 10¹², and may be more than a double holds."""


class Bounds(NamedTuple):
    minimum: float
    maximum: float
    above: float
    below: float

    def fit(self, value: Any) -> Any:
        """Whether the number lies within; for a numpy column, where it does."""
        return (value >= self.minimum) & (value <= self.maximum) & (value > self.above) & (value < self.below)

    def example(self) -> float | None:
        """A number within, None where none is easily found."""
        ends = [bound for bound in self if math.isfinite(bound)]
        middle = [sum(ends) / len(ends)] if ends else []
        tries = [0.0, *middle, *ends, *(end + 1 for end in ends), *(end - 1 for end in ends)]
        return next((number for number in tries if self.fit(number)), None)


@dataclass(frozen=True, slots=True)
class PlainSchema:
    """What payloads of `value` alone, or of `value` and the declared unit, have to meet."""

    bounds: Bounds
    with_unit: bool
    without_unit: bool

    @classmethod
    def of(cls, schema: Any, unit: str, accepts: Callable[[dict[str, Any]], bool]) -> "PlainSchema | None":
        """The bounds of this schema; None when it asks for more than each member by itself can show.

        `accepts` is the schema's own validator: as no member depends on another, what it says of one number within
        the bounds holds for all of them.
        """
        value = (schema.get("properties") or {}).get("value", {}) if schema.keys() <= _MEMBER_WISE else None
        bounds = _bounds_of(value) if isinstance(value, dict) else None
        example = bounds.example() if bounds else None
        if bounds is None or example is None:
            return None
        with_unit = bool(unit) and accepts({"value": example, "unit": unit})
        return cls(bounds, with_unit, accepts({"value": example}))


def _bounds_of(schema: dict[str, Any]) -> Bounds | None:
    """The bounds this schema sets for a number, None when it asks for anything else."""
    if not schema.keys() <= _BOUNDS.keys() | _ANNOTATIONS | {"type"} or schema.get("type", "number") != "number":
        return None
    if any(abs(schema[name]) > _FAR for name in _BOUNDS.keys() & schema.keys()):
        return None
    return Bounds(*(float(schema.get(name, free)) for name, free in _BOUNDS.items()))
