"""Answers a named question from a store."""

from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from views_engine.calculator import alert_questions
from views_engine.calculator.parameters import BadQuestion, Parameters, read_parameters
from views_engine.calculator.questions import BY_DEVICE, QUESTIONS, Question
from views_engine.calculator.store import Standing, read_standing
from views_engine.units import battery

DEVICES_AT_FIRST = 8
ROWS_AT_ONCE = 50_000


def run(connection: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, Any]) -> pa.Table:
    """The answer as a table. Raises KeyError for an unknown question, `BadQuestion` for parameters it cannot use.

    The caller opens a transaction around it where the answer has to carry its version.
    """
    asked = read_parameters(parameters)
    if name in IN_PYTHON:
        return IN_PYTHON[name](connection, asked)
    question, standing = QUESTIONS[name], read_standing(connection)
    if question in BY_DEVICE and asked.limit and asked.device_ids is None:
        return _page_by_device(connection, question, asked, standing)
    return _ask(connection, question, asked, standing)


def stream(connection: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, Any]) -> pa.RecordBatchReader:
    """The answer of `run` in batches, of which only one need be held; it ends with the caller's transaction."""
    asked = read_parameters(parameters)
    if name in IN_PYTHON or asked.limit is not None:
        return run(connection, name, parameters).to_reader()
    sql, arguments = QUESTIONS[name](asked, read_standing(connection))
    try:
        batches: pa.RecordBatchReader = connection.sql(sql, params=arguments or None).to_arrow_reader(ROWS_AT_ONCE)
        return batches
    except (duckdb.ConversionException, duckdb.InvalidInputException) as error:
        raise BadQuestion(str(error)) from error


def _ask(
    connection: duckdb.DuckDBPyConnection, question: Question, parameters: Parameters, standing: Standing
) -> pa.Table:
    sql, arguments = question(parameters, standing)
    try:
        answer: pa.Table = connection.sql(sql, params=arguments or None).to_arrow_table()
        return answer
    except (duckdb.ConversionException, duckdb.InvalidInputException) as error:
        raise BadQuestion(str(error)) from error


def _page_by_device(
    connection: duckdb.DuckDBPyConnection, question: Question, parameters: Parameters, standing: Standing
) -> pa.Table:
    """A page that is ordered by device needs the first devices only: few at first, twice as many while it is short."""
    first = parameters.after[0] if parameters.after else ""
    rows = connection.execute("SELECT device_id FROM devices WHERE device_id >= ? ORDER BY 1", [first]).fetchall()
    ids = [device_id for (device_id,) in rows]
    parts: list[pa.Table] = []
    missing, begin, count = parameters.limit or 0, 0, DEVICES_AT_FIRST
    while missing and (begin < len(ids) or not parts):
        some = msgspec.structs.replace(parameters, device_ids=ids[begin : begin + count], limit=missing)
        parts.append(_ask(connection, question, some, standing))
        missing -= parts[-1].num_rows
        begin, count = begin + count, count * 2
    return pa.concat_tables(parts)


_TREND_TYPES: Mapping[str, pa.DataType] = {
    "device_id": pa.utf8(),
    "readings": pa.int64(),
    "percent_per_day": pa.float64(),
    "days_left": pa.float64(),
    "latest": pa.int64(),
}


def _battery_trends(connection: duckdb.DuckDBPyConnection, parameters: Parameters) -> pa.Table:
    rows = battery.trends(connection, parameters.device_ids)
    return pa.Table.from_pylist([row._asdict() for row in rows], schema=pa.schema(_TREND_TYPES))


IN_PYTHON: Mapping[str, Callable[[duckdb.DuckDBPyConnection, Parameters], pa.Table]] = {
    "battery_trends": _battery_trends,
    "alert_intervals": alert_questions.alert_intervals,
    "alert_touched": alert_questions.alert_touched,
    "backtest": alert_questions.backtest,
}
"""Questions that SQL alone cannot answer."""

NAMES = (*QUESTIONS, *IN_PYTHON)

__all__ = ["NAMES", "BadQuestion", "run", "stream"]
