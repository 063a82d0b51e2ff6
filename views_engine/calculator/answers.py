"""Questions in, answers out: what goes over the private door, apart from HTTP."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from views_engine.calculator.queries import NAMES, BadQuestion, run, stream
from views_engine.calculator.store import Standing, read_standing


def version_of(standing: Standing) -> dict[str, int]:
    """The named set of events: epoch, and the next position of the ordered log."""
    return {"epoch": standing.epoch, "position": standing.position}


def reached(standing: Standing, at_least: Mapping[str, int]) -> bool:
    return standing.position >= at_least.get("position", 0) and standing.epoch >= at_least.get("epoch", 0)


def read_body(body: bytes) -> dict[str, Any]:
    """The parameters of a question; raises `BadQuestion` when they are not a JSON object."""
    try:
        parameters = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise BadQuestion(f"the parameters are not JSON: {error}") from error
    if not isinstance(parameters, dict):
        raise BadQuestion("the parameters must be a JSON object")
    return parameters


def rows(connection: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, Any]) -> bytes:
    """The whole answer as JSON, with the version it equals."""
    standing = read_standing(connection)
    table = run(connection, name, parameters)
    return to_json({"version": version_of(standing), "clock": standing.clock, "rows": _plain(table)})


def together(connection: duckdb.DuckDBPyConnection, questions: Sequence[Mapping[str, Any]]) -> bytes:
    """The whole answers to several questions, `{"name", "params"}` each, all from the same moment, as JSON."""
    standing = read_standing(connection)
    found = [_plain(run(connection, question["name"], question["params"])) for question in questions]
    return to_json({"version": version_of(standing), "clock": standing.clock, "answers": found})


def arrow(connection: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, Any], sink: Any) -> Standing:
    """Writes the whole answer to `sink` as an Arrow IPC stream, a batch at a time; the standing it equals."""
    standing = read_standing(connection)
    with (
        stream(connection, name, parameters) as batches,
        pa.ipc.new_stream(sink, batches.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
    return standing


def to_json(value: Any) -> bytes:
    """JSON text; integers beyond 64 bits are written in full."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value).encode()


def _plain(table: pa.Table) -> list[dict[str, Any]]:
    """Rows of plain values: sums, which DuckDB hands over as decimals, become integers."""
    wide = [field.name for field in table.schema if pa.types.is_decimal(field.type)]
    answer: list[dict[str, Any]] = table.to_pylist()
    for row in answer if wide else ():
        for name in wide:
            row[name] = None if row[name] is None else int(row[name])
    return answer


__all__ = ["NAMES", "BadQuestion", "arrow", "reached", "read_body", "rows", "to_json", "together", "version_of"]
