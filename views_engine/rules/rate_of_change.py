"""A number that changes too fast from one reading to the next, whichever way."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from events.event import canonical
from views_engine.folds.contract import Columns, Reading
from views_engine.rules.base import (
    LONGEST_S,
    Fields,
    Forgetful,
    Judgement,
    Memory,
    Needs,
    Verdict,
    Verdicts,
    duration_ms,
    hot_if,
)

DEFAULT_PER_S = 60
SLACK = 1 - 1e-9
"""Columns are compared in doubles; so much lower a limit makes up for their rounding."""


class Rate(NamedTuple):
    """At most `limit` millionths in `per_ms` milliseconds."""

    limit: int
    per_ms: int
    for_ms: int

    def judge(self, reading: Reading, memory: Memory) -> Verdict:
        """Readings at the same moment, and the first of all, have no rate."""
        if reading.value is None or reading.before is None or reading.before[1] is None:
            return Verdict(Judgement.NEITHER)
        passed = reading.observed_at - reading.before[0]
        if passed == 0:
            return Verdict(Judgement.NEITHER)
        change = abs(reading.value - reading.before[1]) * self.per_ms
        return hot_if(change > self.limit * passed, round(Fraction(change, passed)))

    def verdicts(self, events: Columns) -> Verdicts | None:
        """Doubles cannot tell a rate at its limit from one beyond it."""
        if events.before_at is None or events.before_value is None:
            return None
        change = np.ma.abs(events.value.astype(np.float64) - events.before_value.astype(np.float64)) * self.per_ms
        passed = (events.observed_at - events.before_at).astype(np.float64)
        return Verdicts(np.ma.filled(change >= self.limit * passed * SLACK, False) & (passed > 0))

    def extreme(self, one: int, other: int) -> int:
        return max(one, other)


class RateOfChange(Forgetful):
    name = "rate_of_change"
    needs = Needs(number=True)
    looks_back = True

    def check(self, parameters: Fields) -> None:
        parameters.number("limit", low=0)
        parameters.number("per_s", low=0.001, high=LONGEST_S, needed=False)
        parameters.number("for_s", low=0, high=LONGEST_S, needed=False)

    def condition(self, parameters: Mapping[str, Any]) -> Rate:
        per_ms = duration_ms(parameters, "per_s", DEFAULT_PER_S)
        return Rate(canonical(parameters["limit"]), per_ms, duration_ms(parameters, "for_s"))
