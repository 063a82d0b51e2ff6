"""What a kind of rule is: which parameters it takes, and how they judge a reading. Pure, and exact.

Parameters are numbers as people write them; they become whole millionths as readings do, times whole milliseconds, and
whatever is compared is compared as integers.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from views_engine.folds.contract import Columns, Reading

Memory = Sequence[tuple[int, int]]
"""Earlier readings that a condition needs, the one being judged included, as (observed_at, value), in their order."""


class Fault(NamedTuple):
    """Why a rule cannot be taken: where (`pointer`), a `code`, and a sentence (`detail`)."""

    pointer: str
    code: str
    detail: str


class Judgement(Enum):
    """HOT begins a run, or goes on with it; CLEAR ends it; NEITHER goes on with it, and begins none."""

    HOT = "hot"
    CLEAR = "clear"
    NEITHER = "neither"


class Verdict(NamedTuple):
    """What a reading comes to, and the number (millionths) of which the most extreme one is the alert's value."""

    judgement: Judgement
    measure: int | None = None


def hot_if(condition: bool, measure: int | None = None) -> Verdict:
    return Verdict(Judgement.HOT if condition else Judgement.CLEAR, measure)


class Verdicts(NamedTuple):
    """What many events come to, exactly as one by one: those that are neither HOT nor CLEAR are NEITHER.

    Without `clear` only this is known: those that are not `hot` are not HOT. `measure` is masked where an event has
    none, and None where none has.
    """

    hot: NDArray[np.bool_]
    clear: NDArray[np.bool_] | None = None
    measure: "np.ma.MaskedArray[Any, Any] | None" = None


class Condition(Protocol):
    """The parameters of one version of a rule, ready to judge. `for_ms` is how long it must hold before it raises."""

    @property
    def for_ms(self) -> int: ...

    def judge(self, reading: Reading, memory: Memory) -> Verdict:
        """Judges a reading of the rule's event type that has a number or a position."""
        ...

    def verdicts(self, events: Columns) -> Verdicts | None:
        """What `judge` says of all of these, as far as columns can tell; None: nothing, any of them may be HOT."""
        ...

    def extreme(self, one: int, other: int) -> int:
        """The more extreme of two measures."""
        ...


class Kind(Protocol):
    """A kind of rule. `needs` says of which events it can be: those of one type, of a type with numbers, or any."""

    name: str
    needs: "Needs"
    looks_back: bool

    def check(self, parameters: "Fields") -> None:
        """Reads every parameter by its name; what is wrong gathers in `parameters.faults`."""
        ...


class Judging(Kind, Protocol):
    """A kind that judges readings one by one."""

    def condition(self, parameters: Mapping[str, Any]) -> Condition:
        """Of parameters that `check` found no fault with."""
        ...

    def reach_ms(self, parameters: Mapping[str, Any]) -> int:
        """How far back readings matter to those that are judged. Usually not at all."""
        ...

    def remember(self, memory: Memory, reading: Reading) -> Memory:
        """What has to be known of the past, as far as it reaches, when this reading and later ones are judged."""
        ...


class Needs(NamedTuple):
    """`event_type`: the only one there may be, and the one that is meant when none is said."""

    event_type: str | None = None
    number: bool = False


class Forgetful:
    """A kind whose judgement needs the reading alone."""

    looks_back = False

    def reach_ms(self, parameters: Mapping[str, Any]) -> int:
        return 0

    def remember(self, memory: Memory, reading: Reading) -> Memory:
        return ()


class Fields:
    """Reads parameters one by one and gathers what is wrong with them; null is the same as absent."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.given = {name: value for name, value in parameters.items() if value is not None}
        self.known: set[str] = set()
        self.faults: list[Fault] = []

    def has(self, name: str) -> bool:
        self.known.add(name)
        return name in self.given

    def fault(self, name: str, code: str, detail: str) -> None:
        self.faults.append(Fault(f"/parameters/{name}", code, detail))

    def value(self, name: str) -> Any:
        """The parameter, which there must be; None where it is missing."""
        if not self.has(name):
            self.fault(name, "missing", f"{name} is required.")
        return self.given.get(name)

    def number(
        self, name: str, *, low: float = -1e12, high: float = 1e12, needed: bool = True, above: bool = False
    ) -> float | None:
        """A number from `low` (with `above`: above it) up to `high`; None where there is none that will do."""
        if not needed and not self.has(name):
            return None
        value = self.value(name)
        fault = None if value is None else number_fault(value, low, high, above)
        if fault:
            self.fault(name, *fault)
        return None if value is None or fault else float(value)

    def choice(self, name: str, options: Sequence[str]) -> None:
        value = self.value(name)
        if value is not None and value not in options:
            self.fault(name, "out_of_range", f"{name} is one of {' '.join(options)}.")

    def unknown(self) -> list[Fault]:
        """What nobody asked for: a slip of the pen must not become a rule that does something else."""
        strange = [name for name in self.given if name not in self.known]
        return [Fault(f"/parameters/{name}", "unknown_member", f"There is no parameter {name}.") for name in strange]


def number_fault(value: Any, low: float, high: float, above: bool = False) -> tuple[str, str] | None:
    """Code and sentence of what is wrong with this number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "wrong_type", "This is not a number."
    if isinstance(value, float) and not np.isfinite(value):
        return "not_finite", "This is not a finite number."
    if not low <= value <= high or (above and value == low):
        beginning = f"above {low:.16g} and" if above else f"from {low:.16g}"
        return "out_of_range", f"This must be {beginning} up to {high:.16g}."
    return None


LONGEST_S = 366 * 86_400
"""No rule waits for longer than a leap year."""


def duration_ms(parameters: Mapping[str, Any], name: str, default_s: float = 0) -> int:
    """A parameter in seconds, as whole milliseconds."""
    seconds = parameters.get(name)
    return round((default_s if seconds is None else seconds) * 1000)


def there(*columns: "np.ma.MaskedArray[Any, Any]") -> NDArray[np.bool_]:
    """Where none of these numbers is absent."""
    found: NDArray[np.bool_] = ~np.logical_or.reduce([np.ma.getmaskarray(column) for column in columns])
    return found


def verdicts_if(hot: NDArray[np.bool_], events: Columns) -> Verdicts:
    """Of values: HOT or CLEAR, the value being the measure."""
    known = there(events.value)
    return Verdicts(hot & known, ~hot & known, events.value)
