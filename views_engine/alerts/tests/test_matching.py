from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from views_engine.alerts.matching import Change, Interval, Kind, Known, match


def interval(start: int, end: int | None, **more: object) -> Interval:
    facts = {"raised_at": start, "value": 1, "severity": "warning", "rule_name": "Hot", **more}
    return Interval(started_at=start, cleared_at=end, **facts)  # type: ignore[arg-type]


def record(number: int, start: int, end: int | None, *, withdrawn: bool = False, reach: int | None = None) -> Known:
    return Known(id=number, says=interval(start, end), withdrawn=withdrawn, reach=reach)


def told(changes: Sequence[Change]) -> list[tuple[str, int | None, int | None]]:
    """(kind, record, where it starts or whom it was merged into) of each change."""
    return [(one.kind.value, one.record, one.says.started_at if one.says else one.into) for one in changes]


@pytest.mark.parametrize(
    ("records", "intervals", "changes"),
    [
        ([record(1, 0, 10)], [interval(0, 10)], []),
        ([], [interval(0, 10)], [("raised", None, 0)]),
        ([record(1, 0, None)], [interval(0, 10)], [("cleared", 1, 0)]),
        ([record(1, 0, 10)], [interval(2, 10)], [("changed", 1, 2)]),
        ([record(1, 0, 10)], [], [("withdrawn", 1, None)]),
        ([record(1, 0, 10)], [interval(20, 30)], [("withdrawn", 1, None), ("raised", None, 20)]),
        ([record(1, 0, 10, withdrawn=True)], [interval(5, 12)], [("reopened", 1, 5)]),
        ([record(1, 0, 10, withdrawn=True)], [interval(10, 12)], [("raised", None, 10)]),
        # A piece that is split off is a new record; a piece that a record was there for keeps it.
        ([record(1, 0, 10)], [interval(0, 3), interval(5, 10)], [("changed", 1, 0), ("raised", None, 5)]),
        (
            [record(1, 0, 4), record(2, 5, 10)],
            [interval(0, 6), interval(8, 10)],
            [("changed", 1, 0), ("changed", 2, 8)],
        ),
        # Of two that grow together the earlier stays; when they fall apart again, the other comes back.
        ([record(1, 0, 3), record(2, 5, 9)], [interval(0, 9)], [("changed", 1, 0), ("merged", 2, 1)]),
        (
            [record(1, 0, 9), record(2, 5, 9, withdrawn=True)],
            [interval(0, 3), interval(5, 9)],
            [("changed", 1, 0), ("reopened", 2, 5)],
        ),
        # Who is there stays, even where a withdrawn one lies earlier.
        ([record(1, 0, 3, withdrawn=True), record(2, 5, 9)], [interval(0, 9)], [("changed", 2, 0)]),
        # Touching in a point is no overlap: the clearing reading is no part of the interval.
        ([record(1, 0, 5)], [interval(5, 9)], [("withdrawn", 1, None), ("raised", None, 5)]),
        ([record(1, 5, 9)], [interval(0, 5)], [("withdrawn", 1, None), ("raised", None, 0)]),
        # One that was over at once covers the moment it started at.
        ([record(1, 5, 5)], [interval(5, 9)], [("changed", 1, 5)]),
        ([record(1, 5, 5)], [interval(3, 5)], [("withdrawn", 1, None), ("raised", None, 3)]),
        ([record(1, 5, 5), record(2, 5, 9)], [interval(5, 5), interval(5, 9)], []),
        # Open ones reach for ever; withdrawn ones as far as was known then.
        ([record(1, 0, None)], [interval(700, None)], [("changed", 1, 700)]),
        ([record(1, 0, 10)], [interval(0, None)], [("reopened", 1, 0)]),
        ([record(1, 0, None, withdrawn=True, reach=50)], [interval(49, None)], [("reopened", 1, 49)]),
        ([record(1, 0, None, withdrawn=True, reach=50)], [interval(60, None)], [("raised", None, 60)]),
    ],
)
def test_changes(records: list[Known], intervals: list[Interval], changes: list[tuple[str, int | None, int]]) -> None:
    assert told(match(records, intervals)) == changes


def test_a_value_that_grows_while_it_is_open_is_no_revision() -> None:
    (change,) = match([record(1, 0, None)], [interval(0, None, value=2)])
    assert change.kind is Kind.GROWN
    (change,) = match([record(1, 0, 9)], [interval(0, 9, value=2)])
    assert change.kind is Kind.CHANGED


def test_a_piece_names_what_it_was_split_off() -> None:
    *_, change = match([record(7, 0, 10)], [interval(0, 3), interval(5, 10)])
    assert change.split_from == 7


@dataclass
class Kept:
    """What a database would hold: the records, who acknowledged them, and what every record ever was."""

    records: dict[int, Known] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)

    def follow(self, intervals: Sequence[Interval]) -> list[Change]:
        changes = match(list(self.records.values()), intervals)
        for change in changes:
            self._make(change)
        return changes

    def active(self) -> list[Interval]:
        says = [one.says for one in self.records.values() if not one.withdrawn]
        return sorted(says, key=lambda one: one.started_at)

    def _make(self, change: Change) -> None:
        number = change.record or len(self.records) + 1
        if change.says is None:
            self.records[number] = Known(id=number, says=self.records[number].says, withdrawn=True, reach=10**6)
        else:
            self.records[number] = Known(id=number, says=change.says)


@st.composite
def views(draw: st.DrawFn) -> list[Interval]:
    """Intervals that do not overlap; the last one may be open; some touch, some are over at once."""
    points = sorted(draw(st.lists(st.integers(0, 40), max_size=10)))
    found = [interval(start, end) for start, end in zip(points[::2], points[1::2], strict=False)]
    return [*found, interval(points[-1], None)] if len(points) % 2 else found


@given(st.lists(views(), max_size=6))
def test_every_interval_has_one_record_and_every_record_its_interval(history: list[list[Interval]]) -> None:
    kept = Kept()
    for intervals in history:
        kept.follow(intervals)
        assert sorted(map(repr, kept.active())) == sorted(map(repr, intervals))


@given(st.lists(views(), min_size=1, max_size=6))
def test_matching_again_changes_nothing(history: list[list[Interval]]) -> None:
    kept = Kept()
    for intervals in history:
        kept.follow(intervals)
        assert kept.follow(intervals) == []


@given(st.lists(views(), min_size=2, max_size=6))
def test_no_record_is_ever_lost_or_changed_without_overlapping(history: list[list[Interval]]) -> None:
    kept = Kept()
    for intervals in history:
        before = dict(kept.records)
        kept.follow(intervals)
        assert before.keys() <= kept.records.keys()
        for number, old in before.items():
            new = kept.records[number]
            assert old.says == new.says or match([old], [new.says])[0].record == number


@given(views(), st.data())
def test_what_only_goes_on_gives_the_same_in_one_round_as_in_many(final: list[Interval], data: st.DataObject) -> None:
    """Seen up to a moment, an interval that goes on beyond it is open; what begins later is not there yet."""
    stepwise, at_once = Kept(), Kept()
    for moment in sorted(data.draw(st.lists(st.integers(0, 41), max_size=6))):
        stepwise.follow([_seen(one, moment) for one in final if one.started_at <= moment])
    stepwise.follow(final)
    at_once.follow(final)
    assert stepwise.records == at_once.records


def _seen(one: Interval, moment: int) -> Interval:
    over = one.cleared_at is not None and one.cleared_at <= moment
    return interval(one.started_at, one.cleared_at if over else None)


@given(views(), views())
def test_what_was_taken_back_and_comes_again_is_the_same_record(first: list[Interval], second: list[Interval]) -> None:
    kept = Kept()
    kept.follow(first)
    before = {number: one.says for number, one in kept.records.items()}
    kept.follow([])
    kept.follow(first)
    assert {number: one.says for number, one in kept.records.items() if not one.withdrawn} == before
