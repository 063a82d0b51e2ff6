"""A figure: what was measured, what was asked, and a row of the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

HEAD = "| figure | at least | measured: worst | median | holds | how |\n|---|---|---|---|---|---|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`values` are the runs. `target` is a floor, or with `lower` a ceiling."""

    name: str
    target: float
    values: Sequence[float]
    unit: str
    how: str
    lower: bool = False

    @property
    def worst(self) -> float:
        return max(self.values) if self.lower else min(self.values)

    @property
    def holds(self) -> bool:
        return self.worst <= self.target if self.lower else self.worst >= self.target

    def row(self) -> str:
        sign = "≤" if self.lower else "≥"
        return (
            f"| {self.name} | {sign} {_text(self.target)} {self.unit} | {_text(self.worst)} | "
            f"{_text(median(self.values))} | {'yes' if self.holds else 'no'} | {self.how} |"
        )


def show(figures: Sequence[Figure]) -> None:
    for figure in figures:
        print(figure.row(), flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _text(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
