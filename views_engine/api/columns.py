"""Columns as people get them: times, decimal numbers and texts out of milliseconds and millionths."""

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

import pyarrow as pa
import pyarrow.compute

from events.event import MICRO

Column: TypeAlias = "pa.Array[Any]"
TIME = pa.timestamp("ms", "UTC")
JSON_TEXT = {b"json": b"1"}
"""Metadata of a text column that holds JSON: it is embedded where the answer is JSON itself."""

pc: Any = pyarrow.compute

_EXACT = 2**53
"""Below this magnitude a double holds every whole number, and one division of two such is correctly rounded."""


def time(milliseconds: Column) -> Column:
    return cast(Column, milliseconds.cast(pa.int64()).cast(TIME))


def decimal(micro: Column, *, per: int = MICRO) -> Column:
    """The doubles nearest to `micro / per`; exact for integers of any size."""
    return ratio(micro, pa.scalar(per, pa.int64()))


def ratio(numerator: Column, denominator: Any) -> Column:
    """The doubles nearest to the quotients of two columns of whole numbers (or a column and a scalar)."""
    if _all_exact(numerator) and _all_exact(denominator):
        return cast(Column, pc.divide(pc.cast(numerator, pa.float64()), pc.cast(denominator, pa.float64())))
    tops = numerator.to_pylist()
    bottoms = [denominator.as_py()] * len(tops) if isinstance(denominator, pa.Scalar) else denominator.to_pylist()
    return pa.array([_quotient(top, bottom) for top, bottom in zip(tops, bottoms, strict=True)], pa.float64())


def _quotient(top: Any, bottom: Any) -> float | None:
    return None if top is None or bottom is None else int(top) / int(bottom)


def _all_exact(column: Any) -> bool:
    if isinstance(column, pa.Scalar):
        return bool(abs(column.as_py()) < _EXACT)
    if pa.types.is_null(column.type) or len(column) == column.null_count:
        return True
    limits = pc.min_max(column).as_py()
    return bool(limits["min"] > -_EXACT and limits["max"] < _EXACT)


def lookup(keys: Column, values: Mapping[str, str | None]) -> Column:
    """The text that belongs to each key; null for a key that is not there."""
    if pa.types.is_dictionary(keys.type):
        keys = keys.cast(pa.utf8())
    places = pc.index_in(keys, value_set=pa.array(list(values), pa.utf8()))
    return pa.array(list(values.values()), pa.utf8()).take(places)


def text(column: Column) -> Column:
    return column.cast(pa.utf8())


def struct(**members: Column) -> Column:
    return pa.StructArray.from_arrays(list(members.values()), names=list(members))


def written_times(table: pa.Table) -> pa.Table:
    """The table with every time, also inside structs, as the text that the API writes."""
    columns = [_written(column.combine_chunks()) for column in table.columns]
    pairs = zip(table.schema, columns, strict=True)
    fields = [pa.field(field.name, column.type, metadata=field.metadata) for field, column in pairs]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _written(column: Column) -> Column:
    if pa.types.is_timestamp(column.type):
        return cast(Column, pc.strftime(column.cast(pa.timestamp("ms")), "%Y-%m-%dT%H:%M:%SZ"))
    if pa.types.is_struct(column.type):
        names = [column.type.field(index).name for index in range(column.type.num_fields)]
        parts = [_written(part) for part in cast(pa.StructArray, column).flatten()]
        return pa.StructArray.from_arrays(parts, names=names, mask=column.is_null())
    return column
