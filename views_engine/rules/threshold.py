"""A number on the wrong side of a value, with hysteresis where `clear_value` is given."""

import operator
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
    there,
)

OPERATORS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
BEYOND = {">": operator.le, ">=": operator.lt, "<": operator.ge, "<=": operator.gt}
"""What clears: at the clearing value or beyond it on the other side, strictly where the operator includes its value."""


class Limit(NamedTuple):
    """`value` and `clear_value` in millionths; they are the same without hysteresis."""

    sign: str
    value: int
    clear_value: int
    for_ms: int

    def judge(self, reading: Reading, memory: Memory) -> Verdict:
        if reading.value is None:
            return Verdict(Judgement.NEITHER)
        if OPERATORS[self.sign](reading.value, self.value):
            return Verdict(Judgement.HOT, reading.value)
        cleared = BEYOND[self.sign](reading.value, self.clear_value)
        return Verdict(Judgement.CLEAR if cleared else Judgement.NEITHER, reading.value)

    def verdicts(self, events: Columns) -> Verdicts:
        values, known = events.value.data, there(events.value)
        hot = OPERATORS[self.sign](values, self.value)
        return Verdicts(hot & known, ~hot & known & BEYOND[self.sign](values, self.clear_value), events.value)

    def extreme(self, one: int, other: int) -> int:
        return max(one, other) if self.sign.startswith(">") else min(one, other)


class Threshold(Forgetful):
    name = "threshold"
    needs = Needs(number=True)

    def check(self, parameters: Fields) -> None:
        parameters.choice("operator", tuple(OPERATORS))
        value = parameters.number("value")
        clear = parameters.number("clear_value", needed=False)
        parameters.number("for_s", low=0, high=LONGEST_S, needed=False)
        sign = parameters.given.get("operator")
        if value is None or clear is None or sign not in OPERATORS:
            return
        if (clear > value) if sign.startswith(">") else (clear < value):
            side = "above" if sign.startswith(">") else "below"
            parameters.fault("clear_value", "out_of_range", f"With {sign}, clear_value must not lie {side} value.")

    def condition(self, parameters: Mapping[str, Any]) -> Limit:
        value, clear = parameters["value"], parameters.get("clear_value")
        return Limit(
            sign=parameters["operator"],
            value=canonical(value),
            clear_value=canonical(value if clear is None else clear),
            for_ms=duration_ms(parameters, "for_s"),
        )
