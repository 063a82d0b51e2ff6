"""A CSV table of devices, row by row. Knows what a table looks like, not what the database holds."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

MAX_ROWS = 100_000
COLUMNS = ("device_id", "name", "device_type", "site", "groups", "tags", "offline_after_s", "notes")
LISTS = ("groups", "tags")
"""Cells of these columns hold several names, with semicolons between them."""

Error = dict[str, Any]


class Refused(Exception):
    """The table is not taken. `errors` are `{index?, line, pointer, code, detail}`."""

    def __init__(self, errors: Sequence[Error]) -> None:
        super().__init__(f"{len(errors)} errors in the table; no device was created.")
        self.errors = errors


@dataclass(slots=True)
class Row:
    """One device of the table: `index` counts rows from 0, `line` lines from 1, the header being the first.

    `cells` are the texts (or lists of names) of the cells that are not empty, `values` what they come to.
    """

    index: int
    line: int
    cells: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)

    def error(self, pointer: str, code: str, detail: str) -> Error:
        return {"index": self.index, "line": self.line, "pointer": pointer, "code": code, "detail": detail}

    def names(self, column: str) -> list[str]:
        """What the cell names, each once; nothing where it is empty."""
        value = self.cells.get(column, [])
        return list(dict.fromkeys(value)) if isinstance(value, list) else [value]


def rows_of(table: str) -> Iterator[Row]:
    """Raises Refused at the first line that is no row of such a table. Empty lines are passed over."""
    reader = csv.reader(StringIO(table, newline=""), strict=True)
    header = _header(reader)
    index = 0
    while True:
        line = reader.line_num + 1
        cells = _next(reader)
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if index >= MAX_ROWS:
            raise _wrong(line, "too_many", f"A table has at most {MAX_ROWS} rows.")
        yield Row(index, line, _cells(header, cells, line))
        index += 1


def _header(reader: Any) -> list[str]:
    header = [name.strip() for name in _next(reader) or []]
    strange = [name for name in header if name not in COLUMNS]
    if strange:
        known = ", ".join(COLUMNS)
        raise _wrong(1, "unknown_column", f"There is no column {strange[0]!r}; known are: {known}.")
    if "device_id" not in header:
        raise _wrong(1, "missing", "The first line names the columns, and device_id is one of them.")
    if len(set(header)) < len(header):
        raise _wrong(1, "duplicate", "A column is named twice.")
    return header


def _next(reader: Any) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise _wrong(reader.line_num, "not_csv", f"The line is not CSV: {error}.") from error


def _cells(header: Sequence[str], cells: Sequence[str], line: int) -> dict[str, Any]:
    if len(cells) > len(header):
        raise _wrong(line, "too_many_cells", f"The line has {len(cells)} cells for {len(header)} columns.")
    filled = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
    return {name: _split(cell) if name in LISTS else cell for name, cell in filled.items()}


def _split(cell: str) -> list[str]:
    return [name.strip() for name in cell.split(";") if name.strip()]


def _wrong(line: int, code: str, detail: str) -> Refused:
    return Refused([{"line": line, "pointer": "", "code": code, "detail": detail}])
