"""Mappings: one row into several events, and mistakes that are named."""

from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest

from events.importing.block import ImportMistake
from events.importing.mapping import load_mapping, parse_mapping
from events.importing.rows import RowReader

TEMPERATURE = {"device_id": "id", "event_type": {"constant": "temperature"}, "payload": {"value": "t"}}


def events_of(written: Any, columns: dict[str, list[str | None]]) -> list[dict[str, Any]]:
    mapping = parse_mapping(written)
    batch = pa.RecordBatch.from_pydict({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    return [orjson.loads(line) for line in RowReader(mapping.events).block(batch).lines if line]


def value_of(written: Any, cell: str | None) -> Any:
    spec = {**TEMPERATURE, "payload": {"value": written}, "when": ["id"]}
    (event,) = events_of({"events": [spec]}, {"id": ["a"], "t": [cell]})
    return event["payload"].get("value")


def test_a_row_becomes_several_events_side_by_side() -> None:
    location = {"event_type": {"constant": "location"}, "payload": {"latitude": "lat", "longitude": "lon"}}
    temperature = {"event_type": {"constant": "temperature"}, "payload": {"value": "t", "unit": {"constant": "kelvin"}}}
    written = {"common": {"device_id": {"template": "bus-{id}"}, "seq": "n"}, "events": [temperature, location]}
    columns: dict[str, list[str | None]] = {
        "id": ["1", "2", "3"],
        "n": ["7", "8", ""],
        "t": ["280", "", "290"],
        "lat": ["1", "2", ""],
        "lon": ["3", "", ""],
    }
    assert [(e["device_id"], e["event_type"], e.get("seq"), e["payload"]) for e in events_of(written, columns)] == [
        ("bus-1", "temperature", 7, {"value": 280, "unit": "kelvin"}),
        ("bus-1", "location", 7, {"latitude": 1, "longitude": 3}),
        ("bus-2", "location", 8, {"latitude": 2}),
        ("bus-3", "temperature", None, {"value": 290, "unit": "kelvin"}),
    ]


def test_rows_that_become_no_event_at_all_leave_no_line() -> None:
    assert events_of({"events": [TEMPERATURE]}, {"id": ["a"], "t": [""]}) == []


@pytest.mark.parametrize(
    ("written", "cell", "value"),
    [
        ("t", "20.50", 20.5),
        ({"column": "t", "scale": 0.1, "offset": -40}, "600", 20.0),
        ({"column": "t", "scale": 0.1}, "cold", "cold"),
        ({"column": "t", "as": "text"}, "12", "12"),
        ({"column": "t", "as": "json"}, "[1, 2]", [1, 2]),
        ({"column": "t", "as": "unix_s"}, "1767268800.5", "2026-01-01T12:00:00.500Z"),
        ({"column": "t", "as": "unix_ms"}, "1767268800500", "2026-01-01T12:00:00.500Z"),
        ({"column": "t", "as": "unix_ms"}, "1e300", "1e300"),
        ({"column": "t", "as": "utc"}, "2026-01-01 12:00:00.5", "2026-01-01T12:00:00.5Z"),
        ({"column": "t", "as": "utc"}, "yesterday", "yesterday"),
        ({"constant": 5}, None, 5),
        ({"constant": True}, None, True),
        ({"template": "{{{t}}}"}, "x", "{x}"),
        ({"template": "fixed"}, None, "fixed"),
        ({"template": "{t}"}, None, None),
    ],
)
def test_expressions(written: Any, cell: str | None, value: Any) -> None:
    assert value_of(written, cell) == value


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (None, "Expected `object`, got `null`"),
        ({"events": []}, "events is empty"),
        ({"event": []}, "unknown field `event`"),
        ({"events": [{**TEMPERATURE, "colour": "red"}]}, r"unknown field `colour` - at `\$.events\[0\]`"),
        ({"events": [{"payload": {}, "device_id": "id"}]}, r"events\[0\] does not say where event_type comes from"),
        ({"events": [{**TEMPERATURE, "seq": {}}]}, r"events\[0\].seq must have exactly one of column, constant"),
        ({"events": [{**TEMPERATURE, "seq": {"column": "a", "constant": 1}}]}, "must have exactly one of"),
        ({"events": [{**TEMPERATURE, "seq": {"constant": 1, "scale": 2}}]}, "are for columns only"),
        ({"events": [{**TEMPERATURE, "seq": {"column": "a", "scale": 2, "as": "utc"}}]}, "cannot be read as utc"),
        ({"events": [{**TEMPERATURE, "seq": {"column": "a", "as": "eval"}}]}, "Invalid enum value 'eval'"),
        ({"events": [{**TEMPERATURE, "seq": {"template": "{a!r}"}}]}, "may hold column names only"),
        ({"events": [{**TEMPERATURE, "seq": {"template": "{}"}}]}, "may hold column names only"),
        ({"events": [{**TEMPERATURE, "seq": {"template": "{a"}}]}, "in the template"),
    ],
)
def test_mistakes_are_named(written: Any, message: str) -> None:
    with pytest.raises(ImportMistake, match=message):
        parse_mapping(written)


def test_a_column_the_file_lacks_is_named() -> None:
    with pytest.raises(ImportMistake, match=r"m\.yaml asks for the column 't', but f\.csv has only id, u"):
        parse_mapping({"events": [TEMPERATURE]}, "m.yaml").check(["id", "u"], "f.csv")


def test_a_file_that_is_no_yaml_or_not_there_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("events: [")
    with pytest.raises(ImportMistake, match=r"bad\.yaml is not YAML"):
        load_mapping(bad)
    with pytest.raises(ImportMistake, match="there is no such mapping file"):
        load_mapping(tmp_path / "none.yaml")
