"""Rows of a table into JSON lines, a whole batch at a time: columns of text are joined, no row is ever an object."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import orjson
import pyarrow
import pyarrow.compute

from events.importing.block import Block
from events.importing.mapping import TEXT_MEMBERS, EventSpec, Expression

# The type stubs of pyarrow are behind it and refuse most of what its compute functions take.
pa: Any = pyarrow
pc: Any = pyarrow.compute
Texts: TypeAlias = Any
"""A pyarrow array of text, one element per row, null where a row has none."""

NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_MUST_ESCAPE = r'["\\\x00-\x1f]'
_ISO_NAIVE = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)$"
TEXT = frozenset((*TEXT_MEMBERS, "unit"))


class RowReader:
    """Turns record batches into blocks, by these event specs; the batches have every column the specs ask for."""

    def __init__(self, events: Sequence[EventSpec]) -> None:
        self._events = events
        self._columns = list(dict.fromkeys(column for event in events for column in event.columns()))

    def block(self, batch: pyarrow.RecordBatch, strange: Sequence[bytes] = ()) -> Block:
        """The events of a row stand together, in the order of the mapping; `strange` lines come last, as they are."""
        cells = {name: cell_text(batch.column(name)) for name in self._columns}
        written = [self._write(event, cells, batch.num_rows) for event in self._events]
        lines = _interleave([lines for lines, _ in written])
        devices = _interleave([devices for _, devices in written])
        wanted = lines.is_valid()
        return _block(lines.filter(wanted), devices.filter(wanted), strange)

    def _write(self, event: EventSpec, cells: dict[str, Texts], rows: int) -> tuple[Texts, Texts]:
        members = [_member(name, _json(name, expression, cells, rows)) for name, expression in event.members]
        if event.whole_payload is None:
            payload = _object([_member(n, _json(n, e, cells, rows)) for n, e in event.payload], rows)
        else:
            payload = _json("payload", event.whole_payload, cells, rows)
        lines = _object([*members, _member("payload", payload)], rows)
        devices = dict(event.members)["device_id"]
        return _only(lines, event.when, cells), _text(devices, cells, rows)


def cell_text(column: Texts) -> Texts:
    """The cells as text, null where empty; times as RFC 3339 (a zone only if they have one), nested ones as JSON."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return cell_text(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        return _time_text(column)
    if pa.types.is_nested(kind):
        return pa.array([None if cell is None else _dumped(cell) for cell in column.to_pylist()], type=pa.string())
    text = column.cast(pa.string())
    return pc.if_else(pc.equal(text, ""), None, text)


def _dumped(cell: Any) -> str:
    """JSON of a nested cell without its null members: Parquet has every member in every row."""
    kept = {name: member for name, member in cell.items() if member is not None} if isinstance(cell, dict) else cell
    return orjson.dumps(kept, default=str).decode()


def _time_text(column: Texts) -> Texts:
    text = pc.replace_substring(column.cast(pa.timestamp("ms"), safe=False).cast(pa.string()), " ", "T")
    return text if column.type.tz is None else pc.binary_join_element_wise(text, "Z", "")


def _text(expression: Expression, cells: dict[str, Texts], rows: int) -> Texts:
    """The plain text of an expression, before any JSON; null where a column is empty."""
    if expression.column is not None:
        return cells[expression.column]
    if expression.template is None:
        constant = expression.constant
        return _repeat(constant if isinstance(constant, str) else orjson.dumps(constant).decode(), rows)
    pieces: list[Any] = []
    for text, name in expression.parts:
        pieces += [text] if name is None else [text, cells[name]]
    return pc.binary_join_element_wise(_repeat("", rows), *pieces, "")


def _json(name: str, expression: Expression, cells: dict[str, Texts], rows: int) -> Texts:
    """The JSON text of a member; null where it is absent."""
    text = _text(expression, cells, rows)
    if expression.constant is not None:
        return _repeat(orjson.dumps(expression.constant).decode(), rows)
    if expression.linear:
        return _linear(text, 1.0 if expression.scale is None else expression.scale, expression.offset or 0.0)
    how = expression.as_ or ("text" if name in TEXT or expression.template is not None else "number")
    converted: Texts = _CONVERSIONS[how](text)
    return converted


def quoted(text: Texts) -> Texts:
    """JSON strings of these texts."""
    if pc.any(pc.match_substring_regex(text, _MUST_ESCAPE)).as_py():
        return pa.array(
            [None if cell is None else orjson.dumps(cell).decode() for cell in text.to_pylist()], pa.string()
        )
    return pc.binary_join_element_wise('"', text, '"', "")


def number(text: Texts) -> Texts:
    """Numbers as they were written; what is none becomes a JSON string, so that it is refused with its reason."""
    is_number = pc.match_substring_regex(text, NUMBER)
    if pc.all(is_number).as_py() is not False:
        return text
    return pc.if_else(is_number, text, quoted(text))


def _as_json(text: Texts) -> Texts:
    return pa.array([None if cell is None else _checked(cell) for cell in text.to_pylist()], type=pa.string())


def _checked(cell: str) -> str:
    """The cell as it is if it is JSON, otherwise a JSON string of it, which is refused with its reason."""
    try:
        orjson.loads(cell)
    except orjson.JSONDecodeError:
        return orjson.dumps(cell).decode()
    return " ".join(cell.splitlines())


def _doubles(text: Texts) -> tuple[Texts, Texts]:
    """Which cells are numbers, and their values (null elsewhere)."""
    is_number = pc.match_substring_regex(text, NUMBER)
    return is_number, pc.if_else(is_number, text, None).cast(pa.float64())


def _linear(text: Texts, scale: float, offset: float) -> Texts:
    is_number, value = _doubles(text)
    changed = pc.add(pc.multiply(value, scale), offset).cast(pa.string())
    return pc.if_else(is_number, changed, quoted(text))


def _unix(text: Texts, ms_per_unit: int) -> Texts:
    is_number, value = _doubles(text)
    inside = pc.less(pc.abs(value), 2.5e14 / ms_per_unit)
    ms = pc.cast(pc.floor(pc.multiply(pc.if_else(inside, value, None), ms_per_unit)), pa.int64())
    time = quoted(_time_text(ms.cast(pa.timestamp("ms", "UTC"))))
    return pc.if_else(pc.and_kleene(is_number, inside), time, quoted(text))


def _utc(text: Texts) -> Texts:
    return quoted(pc.replace_substring_regex(text, _ISO_NAIVE, r"\1T\2Z"))


_CONVERSIONS: dict[str, Callable[[Texts], Texts]] = {
    "text": quoted,
    "number": number,
    "json": _as_json,
    "utc": _utc,
    "unix_s": lambda text: _unix(text, 1000),
    "unix_ms": lambda text: _unix(text, 1),
}


def _repeat(text: str, rows: int) -> Texts:
    return pa.repeat(pa.scalar(text, pa.string()), rows)


def _member(name: str, value: Texts) -> Texts:
    return pc.binary_join_element_wise(f"{orjson.dumps(name).decode()}:", value, "")


def _object(members: Sequence[Texts], rows: int) -> Texts:
    """A JSON object of those members that are not null in their row."""
    if not members:
        return _repeat("{}", rows)
    # Joining nothing but nulls loses the row in pyarrow; an empty text in their place keeps it.
    first = pc.if_else(pc.is_null(pc.coalesce(*members)), "", members[0])
    inner = pc.binary_join_element_wise(first, *members[1:], ",", null_handling="skip")
    return pc.binary_join_element_wise("{", inner, "}", "")


def _only(lines: Texts, when: Sequence[str], cells: dict[str, Texts]) -> Texts:
    if not when:
        return lines
    present = cells[when[0]].is_valid()
    for column in when[1:]:
        present = pc.or_(present, cells[column].is_valid())
    return pc.if_else(present, lines, None)


def _interleave(columns: Sequence[Texts]) -> Texts:
    """Row by row: the first row of every column, then the second."""
    if len(columns) == 1:
        return columns[0]
    rows = len(columns[0])
    order = (np.arange(rows)[:, None] + rows * np.arange(len(columns))).ravel()
    return pa.concat_arrays(columns).take(pa.array(order))


def _block(lines: Texts, devices: Texts, strange: Sequence[bytes]) -> Block:
    whole = pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines)
    text: bytes = pc.binary_join(whole, "\n")[0].as_buffer().to_pybytes()
    tail = [line.replace(b"\n", b" ") for line in strange]
    joined = b"\n".join(([text] if len(lines) else []) + tail)
    return Block(joined, [*devices.to_pylist(), *(None for _ in tail)])
