"""The lists of units of one's own: what the door's columns are, what people see of them, how OpenAPI tells of it."""

from typing import Any

import pyarrow as pa
import pyarrow.compute
from rest_framework import serializers

from views_engine.api.columns import JSON_TEXT, text, time
from views_engine.api.listing import Shape
from views_engine.api.responses import CAUSE, PayloadField, VersionField, moment, page, row, whole
from views_engine.reading.merging import Order

pc: Any = pyarrow.compute

_whole: Any = pa.int64()
_text: Any = pa.utf8()
_CAUSE: Any = pa.struct([("device_id", _text), ("event_type", _text), ("observed_at", _whole), ("event_id", _text)])
_ROW_KEY = ("since", "device_id", "observed_at", "seq", "event_type", "event_id", "timeless", "n")


def _flat(table: Any, name: str) -> Any:
    return table[name].combine_chunks()


def _rows(table: Any) -> Any:
    shown = pa.table(
        {
            "device_id": text(_flat(table, "device_id")),
            "since": time(_flat(table, "since")),
            "open": _flat(table, "open").cast(pa.bool_()),
            "body": text(_flat(table, "body")),
        }
    )
    return shown.set_column(3, pa.field("body", _text, metadata=JSON_TEXT), shown["body"])


ROWS = Shape(
    query="unit_rows",
    schema=pa.schema(
        {
            "device_id": _text,
            "since": _whole,
            "body": _text,
            "open": pa.bool_(),
            "observed_at": _whole,
            "seq": _whole,
            "event_type": _text,
            "event_id": _text,
            "timeless": pa.bool_(),
            "n": _whole,
        }
    ),
    order=Order(_ROW_KEY),
    key=_ROW_KEY,
    present=_rows,
)


def _faults(table: Any) -> Any:
    cause = _flat(table, "cause")
    members = {name: pc.struct_field(cause, [name]) for name in ("device_id", "event_type", "observed_at", "event_id")}
    parts = [time(part) if name == "observed_at" else text(part) for name, part in members.items()]
    return pa.table(
        {
            "device_id": text(_flat(table, "device_id")),
            "reason": text(_flat(table, "reason")),
            "at": time(_flat(table, "at")),
            "cause": pa.StructArray.from_arrays(parts, names=list(members)),
        }
    )


FAULTS = Shape(
    query="unit_faults",
    schema=pa.schema({"device_id": _text, "reason": _text, "at": _whole, "cause": _CAUSE}),
    order=Order(("device_id",)),
    key=("device_id",),
    present=_faults,
)

UNITS_ANSWER = row(
    "UnitPage",
    results=serializers.ListSerializer(
        child=row("OwnUnit", name=serializers.CharField(), version=whole(), faults=whole())
    ),
    next=serializers.CharField(allow_null=True),
    version=VersionField(),
)
ROWS_ANSWER = page(
    "UnitRowPage",
    row(
        "UnitRow",
        device_id=serializers.CharField(),
        since=moment(),
        open=serializers.BooleanField(),
        body=PayloadField(),
    ),
)
FAULTS_ANSWER = page(
    "UnitFaultPage",
    row("UnitFault", device_id=serializers.CharField(), reason=serializers.CharField(), at=moment(), cause=CAUSE),
)
