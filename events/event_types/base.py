"""What an event type is, and the kind most of them are: one number under `value`, in one of several units."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from events.event import MICRO, Reading, Refusal, canonical

Payload = dict[str, Any]
Conversion = Callable[[Any], Any]
"""From a unit to the canonical one, in doubles; made of `+ - * /` only, so that it does whole numpy columns too."""


class EventType(Protocol):
    """`unit` is the canonical unit; `read` says what a payload means or raises `Refusal`."""

    @property
    def slug(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def unit(self) -> str: ...

    def read(self, payload: Payload) -> Reading: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberType:
    """A type with one number under `value`.

    `units` maps each unit to its conversion; the canonical unit is the one that is meant when none is named. `low`
    and `high` are inclusive and in the canonical unit. `optional` members are finite numbers where they are present.
    """

    slug: str
    name: str
    unit: str
    units: Mapping[str, Conversion]
    low: float
    high: float
    optional: tuple[str, ...] = ()

    def read(self, payload: Payload) -> Reading:
        value = self.units[self._unit_of(payload)](number(payload, "value"))
        if not within(value, self.low, self.high):
            raise out_of_range("value", f"{self.name} lies between {self.low:g} and {self.high:g} {self.unit}")
        for member in self.optional:
            optional_number(payload, member)
        return Reading(value=canonical(value))

    def _unit_of(self, payload: Payload) -> str:
        unit = payload.get("unit")
        if unit is None:
            return self.unit
        if not isinstance(unit, str):
            raise Refusal("wrong_type", "/payload/unit", "unit must be a string")
        if unit not in self.units:
            raise Refusal("unknown_unit", "/payload/unit", f"unit must be one of {', '.join(self.units)}")
        return unit


def number(payload: Payload, name: str) -> float:
    """The member as a finite double; raises `Refusal` with `missing`, `wrong_type` or `not_finite`."""
    found = optional_number(payload, name)
    if found is None:
        raise Refusal("missing", _pointer(name), f"{name} is required")
    return found


def optional_number(payload: Payload, name: str) -> float | None:
    member = payload.get(name)
    if member is None:
        return None
    if isinstance(member, bool) or not isinstance(member, int | float):
        raise Refusal("wrong_type", _pointer(name), f"{name} must be a number")
    try:
        double = float(member)
    except OverflowError:
        double = math.inf
    if not math.isfinite(double):
        raise Refusal("not_finite", _pointer(name), f"{name} is beyond what a double can hold")
    return double


def within(value: float, low: float, high: float) -> bool:
    """Whether the canonical number lies in the range, both ends included.

    Judged in whole millionths: −459.67 °F is absolute zero, although its double comes out a hair below −273.15.
    """
    return abs(value) < 1e12 and round(low * MICRO) <= canonical(value) <= round(high * MICRO)


def out_of_range(name: str, detail: str) -> Refusal:
    return Refusal("out_of_range", _pointer(name), detail)


def same(value: Any) -> Any:
    """The conversion of a unit that is the canonical one."""
    return value


def _pointer(name: str) -> str:
    return f"/payload/{name}"
