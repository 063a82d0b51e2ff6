from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from views_engine.api.columns import decimal, ratio, time, written_times
from views_engine.api.times import iso

WHOLE = st.integers(-(2**63), 2**63 - 1)


def nearest(numerator: int, denominator: int) -> float:
    return float(Fraction(numerator, denominator))


@given(st.lists(WHOLE | st.none()))
def test_decimals_are_the_nearest_doubles(micro: list[int | None]) -> None:
    expected = [None if number is None else nearest(number, 10**6) for number in micro]
    assert decimal(pa.array(micro, pa.int64())).to_pylist() == expected


@given(st.lists(st.tuples(st.integers(-(10**30), 10**30), st.integers(1, 10**12))))
def test_means_are_the_nearest_doubles_also_of_sums_beyond_64_bits(pairs: list[tuple[int, int]]) -> None:
    sums = pa.array([total for total, _ in pairs], pa.decimal128(38, 0))
    counts = pa.array([count for _, count in pairs], pa.int64())
    assert ratio(sums, counts).to_pylist() == [nearest(total, count) for total, count in pairs]


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_769_860_800_120, "2026-01-31T12:00:00.120Z"),
        (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_times_are_written_alike_one_by_one_and_by_the_column(milliseconds: int, expected: str) -> None:
    column = pa.table({"at": time(pa.array([milliseconds]))})
    assert written_times(column)["at"].to_pylist() == [expected] == [iso(milliseconds)]
