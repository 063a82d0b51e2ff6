"""The lists of the API: what the door's columns are and what people see of them."""

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import orjson
import pyarrow as pa
import pyarrow.compute

from events.event import NO_SEQ
from views_engine.api.columns import JSON_TEXT, Column, decimal, lookup, ratio, struct, text, time
from views_engine.api.listing import Shape
from views_engine.reading.merging import Order

pc: Any = pyarrow.compute
Units = Mapping[str, str | None]

_whole, _text, _large = pa.int64(), pa.utf8(), pa.decimal128(38, 0)
_CAUSE = pa.struct([("device_id", _text), ("event_type", _text), ("observed_at", _whole), ("event_id", _text)])


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


def _table(**columns: Any) -> pa.Table:
    """A table of these columns in this order; a trailing underscore frees a name that Python keeps for itself."""
    return pa.table({name.rstrip("_"): column for name, column in columns.items()})


_EVENT_KEY = ("observed_at", "device_id", "seq", "event_type", "event_id", "timeless")
_READING_KEY = ("device_id", "observed_at", "seq", "event_id", "timeless")
_WINDOW_KEY = ("device_id", "start")


def _flat(table: pa.Table, name: str) -> Column:
    """A column in one piece."""
    return table[name].combine_chunks()


def _event_rows(units: Units, table: pa.Table) -> pa.Table:
    seq = _flat(table, "seq").cast(_whole)
    payload = pa.field("payload", _text, metadata=JSON_TEXT)
    shown = _table(
        device_id=text(_flat(table, "device_id")),
        event_type=text(_flat(table, "event_type")),
        event_id=text(_flat(table, "event_id")),
        seq=pc.if_else(pc.equal(seq, NO_SEQ), None, seq),
        observed_at=time(_flat(table, "observed_at")),
        received_at=time(_flat(table, "received_at")),
        value=decimal(_flat(table, "value")),
        unit=lookup(_flat(table, "event_type"), units),
        payload=text(_flat(table, "payload")),
        place=text(_flat(table, "place")),
    )
    return shown.set_column(shown.schema.get_field_index("payload"), payload, shown["payload"])


def events(units: Units, *, descending: bool) -> Shape:
    return Shape(
        query="events",
        schema=_schema(
            device_id=_text,
            event_type=_text,
            event_id=_text,
            seq=_whole,
            timeless=pa.bool_(),
            observed_at=_whole,
            received_at=_whole,
            value=_whole,
            payload=_text,
            place=_text,
        ),
        order=Order(_EVENT_KEY, descending=descending),
        key=_EVENT_KEY,
        present=partial(_event_rows, units),
    )


def _window_rows(table: pa.Table) -> pa.Table:
    count, total = _flat(table, "count").cast(_whole), _flat(table, "sum")
    return _table(
        device_id=text(_flat(table, "device_id")),
        start=time(_flat(table, "start")),
        count=count,
        min=decimal(_flat(table, "min")),
        max=decimal(_flat(table, "max")),
        mean=ratio(total, pc.multiply(count, 1_000_000)),
        sum=decimal(total),
        first=decimal(_flat(table, "first")),
        last=decimal(_flat(table, "last")),
    )


WINDOWS = Shape(
    query="windows",
    schema=_schema(
        device_id=_text, start=_whole, count=_whole, min=_whole, max=_whole, sum=_large, first=_whole, last=_whole
    ),
    order=Order(_WINDOW_KEY),
    key=_WINDOW_KEY,
    present=_window_rows,
)


def _position(table: pa.Table, which: str) -> Column:
    return struct(
        latitude=decimal(_flat(table, f"{which}_latitude")),
        longitude=decimal(_flat(table, f"{which}_longitude")),
        observed_at=time(_flat(table, f"{which}_observed_at")),
    )


def _track_rows(table: pa.Table) -> pa.Table:
    return _table(
        device_id=text(_flat(table, "device_id")),
        start=time(_flat(table, "start")),
        count=_flat(table, "count").cast(_whole),
        distance_m=decimal(_flat(table, "distance_mm"), per=1000),
        first=_position(table, "first"),
        last=_position(table, "last"),
    )


TRACK = Shape(
    query="track_windows",
    schema=_schema(
        device_id=_text,
        start=_whole,
        count=_whole,
        distance_mm=_whole,
        first_latitude=_whole,
        first_longitude=_whole,
        first_observed_at=_whole,
        last_latitude=_whole,
        last_longitude=_whole,
        last_observed_at=_whole,
    ),
    order=Order(_WINDOW_KEY),
    key=_WINDOW_KEY,
    present=_track_rows,
)

_READING = _schema(
    device_id=_text,
    observed_at=_whole,
    seq=_whole,
    event_id=_text,
    timeless=pa.bool_(),
    value=_whole,
    latitude=_whole,
    longitude=_whole,
    payload=_text,
)


def _reading_rows(table: pa.Table) -> pa.Table:
    return _table(
        device_id=text(_flat(table, "device_id")),
        observed_at=time(_flat(table, "observed_at")),
        value=decimal(_flat(table, "value")),
    )


def _location_rows(table: pa.Table) -> pa.Table:
    payloads = [orjson.loads(payload) for payload in _texts(table, "payload")]
    return _table(
        device_id=text(_flat(table, "device_id")),
        observed_at=time(_flat(table, "observed_at")),
        latitude=decimal(_flat(table, "latitude")),
        longitude=decimal(_flat(table, "longitude")),
        **{name: _members(payloads, name) for name in ("altitude", "speed", "accuracy")},
    )


def _texts(table: pa.Table, name: str) -> list[str]:
    return cast(list[str], table[name].to_pylist())


def _members(payloads: list[dict[str, Any]], name: str) -> Column:
    """A member of each payload as a double; numbers were checked when the events came in."""
    return pa.array([None if payload.get(name) is None else float(payload[name]) for payload in payloads], pa.float64())


READINGS = Shape(query="readings", schema=_READING, order=Order(_READING_KEY), key=_READING_KEY, present=_reading_rows)
POSITIONS = Shape(
    query="readings", schema=_READING, order=Order(_READING_KEY), key=_READING_KEY, present=_location_rows
)


def _correction_rows(table: pa.Table) -> pa.Table:
    cause = _flat(table, "cause")
    members = {name: pc.struct_field(cause, [name]) for name in ("device_id", "event_type", "observed_at", "event_id")}
    parts = {name: time(part) if name == "observed_at" else text(part) for name, part in members.items()}
    return pa.table(
        {
            **{name: text(_flat(table, name)) for name in ("device_id", "view", "key", "field")},
            "from": _flat(table, "from").cast(pa.float64()),
            "to": _flat(table, "to").cast(pa.float64()),
            "shard": _flat(table, "shard").cast(_whole),
            "epoch": _flat(table, "epoch").cast(_whole),
            "at": time(_flat(table, "at")),
            "cause": pa.StructArray.from_arrays(list(parts.values()), names=list(parts), mask=pc.is_null(cause)),
        }
    )


CORRECTIONS = Shape(
    query="corrections",
    schema=_schema(
        id=_whole,
        device_id=_text,
        view=_text,
        key=_text,
        field=_text,
        **{"from": pa.float64(), "to": pa.float64()},
        shard=_whole,
        epoch=_whole,
        at=_whole,
        cause=_CAUSE,
    ),
    order=Order(("at",), descending=True),
    key=("id",),
    present=_correction_rows,
)


def _epoch_rows(table: pa.Table) -> pa.Table:
    return _table(
        shard=_flat(table, "shard").cast(_whole),
        epoch=_flat(table, "epoch").cast(_whole),
        at=time(_flat(table, "at")),
        late_events=_flat(table, "late_events").cast(_whole),
        devices=_flat(table, "devices").cast(_whole),
        oldest_observed_at=time(_flat(table, "oldest_observed_at")),
        plan=text(_flat(table, "plan")),
        seconds=_flat(table, "seconds").cast(pa.float64()),
    )


EPOCHS = Shape(
    query="epochs",
    schema=_schema(
        shard=_whole,
        epoch=_whole,
        at=_whole,
        late_events=_whole,
        devices=_whole,
        oldest_observed_at=_whole,
        plan=_text,
        seconds=pa.float64(),
    ),
    order=Order(("at",), descending=True),
    key=("epoch",),
    present=_epoch_rows,
)
