"""What the reading routes answer, for the API's own description (OpenAPI)."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.fields import Field

POSITION: dict[str, Any] = {
    "type": "object",
    "required": ["epoch", "position"],
    "properties": {"epoch": {"type": "integer", "minimum": 0}, "position": {"type": "integer", "minimum": 0}},
}
READING: dict[str, Any] = {
    "type": "object",
    "required": ["value", "unit", "observed_at"],
    "properties": {
        "value": {"type": "number", "nullable": True},
        "unit": {"type": "string", "nullable": True},
        "observed_at": {"type": "string", "format": "date-time"},
    },
}
PLACE: dict[str, Any] = {
    "type": "object",
    "required": ["latitude", "longitude", "observed_at"],
    "properties": {
        "latitude": {"type": "number"},
        "longitude": {"type": "number"},
        "observed_at": {"type": "string", "format": "date-time"},
    },
}


VERSION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": POSITION,
    "example": {"0": {"epoch": 4, "position": 120451}},
}


@extend_schema_field(VERSION)
class VersionField(serializers.JSONField):
    """The named set of events that the answer equals: one entry per shard asked."""


@extend_schema_field({"type": "object", "additionalProperties": True})
class PayloadField(serializers.JSONField):
    """The payload as it was sent."""


@extend_schema_field({"type": "object", "additionalProperties": {"oneOf": [READING, PLACE]}})
class LatestField(serializers.JSONField):
    """The newest reading by event type."""


@extend_schema_field(PLACE)
class PlaceField(serializers.JSONField):
    """Where a device was, and when."""


def text(**options: Any) -> Field[Any, Any, Any, Any]:
    return serializers.CharField(**options)


def whole(**options: Any) -> Field[Any, Any, Any, Any]:
    return serializers.IntegerField(**options)


def number(**options: Any) -> Field[Any, Any, Any, Any]:
    return serializers.FloatField(**options)


def moment(**options: Any) -> Field[Any, Any, Any, Any]:
    return serializers.DateTimeField(**options)


def row(name: str, /, **fields: Any) -> serializers.Serializer[Any]:
    """An object with these members; `from_` stands for `from`."""
    found: serializers.Serializer[Any] = inline_serializer(name, {key.rstrip("_"): one for key, one in fields.items()})
    return found


def page(name: str, results: Any, /, **head: Any) -> serializers.Serializer[Any]:
    """A page of such rows: what every list answers with."""
    many: serializers.BaseSerializer[Any] = serializers.ListSerializer(child=results)
    return row(name, **head, results=many, next=serializers.URLField(allow_null=True), version=VersionField())


EVENT = row(
    "ObservedEvent",
    device_id=text(),
    event_type=text(),
    event_id=text(),
    seq=whole(allow_null=True),
    observed_at=moment(),
    received_at=moment(),
    value=number(allow_null=True, help_text="In the canonical unit; null where there is no number."),
    unit=text(allow_null=True),
    payload=PayloadField(),
    place=serializers.ChoiceField(choices=["next", "late"], help_text="How it arrived."),
)
EVENTS = page("EventPage", EVENT)

WINDOW = row(
    "Window",
    device_id=text(),
    start=moment(),
    count=whole(),
    min=number(),
    max=number(),
    mean=number(),
    sum=number(),
    first=number(),
    last=number(),
)
TRACK_WINDOW = row(
    "TrackWindow",
    device_id=text(),
    start=moment(),
    count=whole(),
    distance_m=number(),
    first=PlaceField(),
    last=PlaceField(),
)
RAW_READING = row("RawReading", device_id=text(), observed_at=moment(), value=number())
RAW_POSITION = row(
    "RawPosition",
    device_id=text(),
    observed_at=moment(),
    latitude=number(),
    longitude=number(),
    altitude=number(allow_null=True),
    speed=number(allow_null=True),
    accuracy=number(allow_null=True),
)
TREND = row(
    "BatteryTrend",
    device_id=text(),
    percent_per_day=number(allow_null=True),
    days_left=number(allow_null=True, help_text="Null unless the charge is falling."),
)
METRICS = page(
    "MetricPage",
    PolymorphicProxySerializer(
        component_name="MetricRow",
        serializers=[WINDOW, TRACK_WINDOW, RAW_READING, RAW_POSITION],
        resource_type_field_name=None,
    ),
    event_type=text(),
    unit=text(allow_null=True),
    resolution=serializers.ChoiceField(choices=["raw", "1m", "1h", "1d"]),
    trends=serializers.ListSerializer(child=TREND, required=False, help_text="Battery only."),
)

DEVICE_STATE = row(
    "DeviceState",
    device_id=text(),
    name=text(allow_blank=True),
    online=serializers.BooleanField(),
    last_observed_at=moment(allow_null=True),
    last_received_at=moment(allow_null=True),
    latest=LatestField(),
    open_alerts=whole(),
)
DEVICE_STATES = page("DeviceStatePage", DEVICE_STATE)

FATES = {
    name: whole(min_value=0)
    for name in (
        "received",
        "applied",
        "applied_late",
        "duplicate",
        "conflict",
        "future",
        "too_old",
        "invalid",
        "unknown_device",
        "pending",
    )
}
LEDGER = row("Ledger", **FATES, version=VersionField())
FLEET = row(
    "FleetMetrics",
    devices=row("DeviceCounts", total=whole(), online=whole()),
    events_per_second=number(),
    late_share=number(),
    open_alerts=whole(),
    shards=serializers.ListSerializer(
        child=row(
            "ShardStanding",
            shard=whole(),
            epoch=whole(),
            position=whole(),
            tether_events=whole(allow_null=True),
            tether_seconds=number(allow_null=True),
            live=text(allow_null=True),
            next=text(allow_null=True),
            support=serializers.ListField(child=text()),
        )
    ),
    ledger=row("LedgerCounts", **FATES),
    version=VersionField(),
)

CAUSE = row("Cause", device_id=text(), event_type=text(), observed_at=moment(), event_id=text())
CORRECTION = row(
    "Correction",
    device_id=text(),
    view=text(),
    key=text(),
    field=text(),
    from_=number(allow_null=True),
    to=number(allow_null=True),
    shard=whole(),
    epoch=whole(),
    at=moment(),
    cause=CAUSE,
)
CORRECTIONS = page("CorrectionPage", CORRECTION)
EPOCH = row(
    "ShardEpoch",
    shard=whole(),
    epoch=whole(),
    at=moment(),
    late_events=whole(),
    devices=whole(),
    oldest_observed_at=moment(allow_null=True),
    plan=serializers.ChoiceField(choices=["inline", "handover"]),
    seconds=number(),
)
EPOCHS = page("EpochPage", EPOCH)
