"""One sorted answer out of the sorted answers of several shards."""

import heapq
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """The columns a query's rows are sorted by. An absent value comes first; text goes by its bytes."""

    columns: tuple[str, ...]
    descending: bool = False

    def key(self, row: Row) -> tuple[Any, ...]:
        """What to compare rows by; ascending, whichever way the query runs."""
        return tuple(-1 if row[name] is None else row[name] for name in self.columns)


def merge_rows(parts: Sequence[Sequence[dict[str, Any]]], order: Order) -> Iterator[tuple[int, dict[str, Any]]]:
    """(part, row) of all parts in order; rows that compare equal keep the order of their parts."""
    numbered = [[(number, row) for row in rows] for number, rows in enumerate(parts)]
    return heapq.merge(*numbered, key=lambda item: order.key(item[1]), reverse=order.descending)


def merge_batches(parts: Sequence[Iterator[pa.RecordBatch]], order: Order) -> Iterator[pa.RecordBatch]:
    """All rows of all parts in order, holding one batch of each part at a time."""
    if len(parts) == 1:
        yield from parts[0]
        return
    waiting = [queue for part in parts if (queue := _Queue(part, order)).advance()]
    while waiting:
        bound = (max if order.descending else min)(queue.last for queue in waiting)
        taken = [piece for queue in waiting if (piece := queue.take(bound)).num_rows]
        yield _sorted(taken, order)
        waiting = [queue for queue in waiting if queue.rest.num_rows or queue.advance()]


class _Queue:
    """One part's batches; `rest` is what has not been taken of the present one."""

    def __init__(self, part: Iterator[pa.RecordBatch], order: Order) -> None:
        self._part, self._order = part, order
        self.rest = pa.RecordBatch.from_pylist([])
        self.last: tuple[Any, ...] = ()

    def advance(self) -> bool:
        for batch in self._part:
            if batch.num_rows:
                self.rest, self.last = batch, self._key(batch, batch.num_rows - 1)
                return True
        return False

    def take(self, bound: tuple[Any, ...]) -> pa.RecordBatch:
        """The rows up to and with `bound`."""
        rank = _reversed_rank if self._order.descending else _rank
        rows = range(self.rest.num_rows)
        count = bisect_right(rows, rank(bound), key=lambda row: rank(self._key(self.rest, row)))
        taken, self.rest = self.rest.slice(0, count), self.rest.slice(count)
        return taken

    def _key(self, batch: pa.RecordBatch, row: int) -> tuple[Any, ...]:
        return self._order.key({name: batch.column(name)[row].as_py() for name in self._order.columns})


class _Descending:
    """A key that sorts the other way round."""

    __slots__ = ("key",)

    def __init__(self, key: tuple[Any, ...]) -> None:
        self.key = key

    def __lt__(self, other: "_Descending") -> bool:
        return other.key < self.key


def _rank(key: tuple[Any, ...]) -> Any:
    return key


def _reversed_rank(key: tuple[Any, ...]) -> Any:
    return _Descending(key)


def _sorted(pieces: Sequence[pa.RecordBatch], order: Order) -> pa.RecordBatch:
    if len(pieces) == 1:
        return pieces[0]
    table = pa.concat_tables([pa.Table.from_batches([piece]) for piece in pieces]).combine_chunks()
    keys = pa.table({name: _plain(table[name]) for name in order.columns})
    direction = "descending" if order.descending else "ascending"
    placement = "at_end" if order.descending else "at_start"
    rows = pc.sort_indices(keys, sort_keys=[(name, direction, placement) for name in order.columns])
    return table.take(rows).combine_chunks().to_batches()[0]


def _plain(column: Any) -> Any:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
