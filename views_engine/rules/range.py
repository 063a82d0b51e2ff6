"""A number outside of a range."""

from collections.abc import Mapping
from typing import Any, NamedTuple

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
    verdicts_if,
)


class Band(NamedTuple):
    """From `low` to `high`, both included, in millionths."""

    low: int
    high: int
    for_ms: int

    def judge(self, reading: Reading, memory: Memory) -> Verdict:
        if reading.value is None:
            return Verdict(Judgement.NEITHER)
        return hot_if(not self.low <= reading.value <= self.high, reading.value)

    def verdicts(self, events: Columns) -> Verdicts:
        values = events.value.data
        return verdicts_if((values < self.low) | (values > self.high), events)

    def extreme(self, one: int, other: int) -> int:
        """The one farther outside; of two equally far, the earlier."""
        return other if self._outside(other) > self._outside(one) else one

    def _outside(self, value: int) -> int:
        return max(self.low - value, value - self.high)


class Range(Forgetful):
    name = "range"
    needs = Needs(number=True)

    def check(self, parameters: Fields) -> None:
        low, high = parameters.number("low"), parameters.number("high")
        parameters.number("for_s", low=0, high=LONGEST_S, needed=False)
        if low is not None and high is not None and low > high:
            parameters.fault("high", "out_of_range", "high must not be less than low.")

    def condition(self, parameters: Mapping[str, Any]) -> Band:
        low, high = canonical(parameters["low"]), canonical(parameters["high"])
        return Band(low, high, duration_ms(parameters, "for_s"))
