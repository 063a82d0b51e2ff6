from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from views_engine.reading.merging import Order, merge_batches, merge_rows

DEVICES = st.sampled_from(["a", "b", "é", "𐏿", "～"])
ROWS = st.fixed_dictionaries({"at": st.integers(0, 5), "device_id": DEVICES, "seq": st.none() | st.integers(0, 2)})
PARTS = st.lists(st.lists(ROWS, max_size=8), min_size=2, max_size=4)
COLUMNS: list[Any] = [("at", pa.int64()), ("device_id", pa.utf8()), ("seq", pa.int64())]
SCHEMA = pa.schema(COLUMNS)


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["at"], row["device_id"].encode(), -1 if row["seq"] is None else row["seq"]


def in_batches(rows: list[dict[str, Any]]) -> Iterator[pa.RecordBatch]:
    """Batches of three rows, with an empty one between them."""
    for start in range(0, len(rows), 3):
        yield pa.RecordBatch.from_pylist(rows[start : start + 3], schema=SCHEMA)
        yield pa.RecordBatch.from_pylist([], schema=SCHEMA)


@given(PARTS, st.booleans())
def test_merged_rows_are_all_rows_in_order(parts: list[list[dict[str, Any]]], descending: bool) -> None:
    order = Order(("at", "device_id", "seq"), descending=descending)
    parts = [sorted(part, key=key, reverse=descending) for part in parts]
    merged = [row for _, row in merge_rows(parts, order)]
    assert merged == sorted((row for part in parts for row in part), key=key, reverse=descending)


@given(PARTS, st.booleans())
def test_merged_batches_are_all_rows_in_order(parts: list[list[dict[str, Any]]], descending: bool) -> None:
    order = Order(("at", "device_id", "seq"), descending=descending)
    parts = [sorted(part, key=key, reverse=descending) for part in parts]
    batches = merge_batches([in_batches(part) for part in parts], order)
    merged = [row for batch in batches for row in batch.to_pylist()]
    assert merged == sorted((row for part in parts for row in part), key=key, reverse=descending)
