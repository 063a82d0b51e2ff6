"""What the routes of alerts answer, for the API's own description (OpenAPI)."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from views_engine.alerts.matching import Kind
from views_engine.alerts.models import Severity, State
from views_engine.api.responses import VersionField, moment, number, row, text, whole

_FIELDS: dict[str, Any] = {
    "id": whole(),
    "rule": whole(help_text="The id of the rule."),
    "rule_name": text(),
    "device_id": text(),
    "severity": serializers.ChoiceField(choices=Severity.values),
    "state": serializers.ChoiceField(choices=State.values),
    "started_at": moment(),
    "raised_at": moment(),
    "cleared_at": moment(allow_null=True),
    "value": number(allow_null=True, help_text="The most extreme one while it lasted."),
    "acknowledged_at": moment(allow_null=True),
    "acknowledged_by": text(allow_null=True),
    "assignee": text(allow_null=True),
    "revision": whole(),
    "merged_into": whole(allow_null=True),
}


@extend_schema_field(
    {
        "type": "object",
        "nullable": True,
        "required": ["device_id", "event_type", "observed_at", "event_id"],
        "properties": {
            "device_id": {"type": "string"},
            "event_type": {"type": "string"},
            "observed_at": {"type": "string", "format": "date-time"},
            "event_id": {"type": "string"},
        },
    }
)
class CauseField(serializers.JSONField):
    """The identity of the late event that caused a change."""


_PAGE: dict[str, Any] = {"next": serializers.URLField(allow_null=True), "version": VersionField()}

COMMENT = row("AlertComment", id=whole(), author=text(allow_null=True), text=text(), at=moment())
ALERT = row("AlertDetail", **_FIELDS, comments=serializers.ListSerializer(child=COMMENT))
ALERTS = row("AlertPage", results=serializers.ListSerializer(child=row("Alert", **_FIELDS)), **_PAGE)
REVISION = row(
    "AlertRevision",
    revision=whole(),
    at=moment(),
    epoch=whole(),
    change=serializers.ChoiceField(choices=[kind.value for kind in Kind if kind is not Kind.GROWN]),
    from_=serializers.DictField(allow_null=True),
    to=serializers.DictField(allow_null=True),
    cause=CauseField(allow_null=True),
)
REVISIONS = row("AlertRevisionPage", results=serializers.ListSerializer(child=REVISION), **_PAGE)
ACKNOWLEDGED = row("AcknowledgedAlerts", acknowledged=whole(help_text="How many nobody had acknowledged before."))
