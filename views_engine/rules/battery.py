"""A battery that is low, or that will soon be empty if it goes on draining as it does."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from events.event import canonical
from views_engine.folds.contract import Columns, Reading
from views_engine.rules.base import Fields, Judgement, Memory, Needs, Verdict, Verdicts, hot_if, verdicts_if

WINDOW_MS = 7 * 86_400_000
DAY_MS = 86_400_000
CHARGE = 5_000_000
"""A rise by so many millionths of a percent between consecutive readings is a charge."""

FEWEST_READINGS = 3
MOST_DAYS = 36_500


class Level(NamedTuple):
    """Below so many millionths of a percent."""

    below: int
    for_ms: int = 0

    def judge(self, reading: Reading, memory: Memory) -> Verdict:
        if reading.value is None:
            return Verdict(Judgement.NEITHER)
        return hot_if(reading.value < self.below, reading.value)

    def verdicts(self, events: Columns) -> Verdicts:
        return verdicts_if(events.value.data < self.below, events)

    def extreme(self, one: int, other: int) -> int:
        return min(one, other)


class DaysLeft(NamedTuple):
    """Fewer than so many millionths of a day left, by the trend that the readings in memory show."""

    below: int
    for_ms: int = 0

    def judge(self, reading: Reading, memory: Memory) -> Verdict:
        """Without a trend, or while it does not fall, there is nothing to fear."""
        left = days_left(memory)
        if left is None:
            return Verdict(Judgement.CLEAR)
        numerator, denominator = left
        return hot_if(numerator * 1_000_000 < self.below * denominator, _rounded(numerator * 1_000_000, denominator))

    def verdicts(self, events: Columns) -> None:
        return None

    def extreme(self, one: int, other: int) -> int:
        return min(one, other)


class Battery:
    """The trend needs the readings of a week: they are the state of a device, so that each of its battery readings
    costs as much as there are of them. A device that reports hourly has 168; `below` remembers nothing.
    """

    name = "battery"
    needs = Needs(event_type="battery")
    looks_back = False

    def check(self, parameters: Fields) -> None:
        level = parameters.number("below", low=0, high=100, needed=False, above=True)
        days = parameters.number("days_left_below", low=0, high=MOST_DAYS, needed=False, above=True)
        given = [name for name in ("below", "days_left_below") if parameters.has(name)]
        if not given:
            parameters.fault("below", "missing", "below (percent) or days_left_below is required.")
        elif level is not None and days is not None:
            parameters.fault("days_left_below", "out_of_range", "Only one of below and days_left_below may be given.")

    def condition(self, parameters: Mapping[str, Any]) -> Level | DaysLeft:
        below = parameters.get("below")
        return Level(canonical(below)) if below is not None else DaysLeft(canonical(parameters["days_left_below"]))

    def reach_ms(self, parameters: Mapping[str, Any]) -> int:
        return 0 if parameters.get("days_left_below") is None else WINDOW_MS

    def remember(self, memory: Memory, reading: Reading) -> Memory:
        return since_charge(memory, reading)


def since_charge(memory: Memory, reading: Reading) -> list[tuple[int, int]]:
    """The readings of seven days up to this one, from the last charge on."""
    if reading.value is None:
        return list(memory)
    kept = [known for known in memory if known[0] >= reading.observed_at - WINDOW_MS]
    charged = kept and reading.value - kept[-1][1] >= CHARGE
    return [*([] if charged else kept), (reading.observed_at, reading.value)]


def days_left(readings: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Days until the line of least squares meets zero, counted from the newest level, as numerator and denominator.

    None with fewer than three readings, with all of them at one moment, and unless the line falls.
    """
    if len(readings) < FEWEST_READINGS:
        return None
    head, latest = readings[-1]
    n, t = len(readings), sum(at - head for at, _ in readings)
    v, tt = sum(value for _, value in readings), sum((at - head) ** 2 for at, _ in readings)
    tv = sum((at - head) * value for at, value in readings)
    spread, covariance = n * tt - t * t, n * tv - t * v
    if spread == 0 or covariance >= 0:
        return None
    return latest * spread, -covariance * DAY_MS


def _rounded(numerator: int, denominator: int) -> int:
    """To the nearest whole number, ties to even."""
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))
