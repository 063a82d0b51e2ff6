"""What channels and deliveries look like to a client."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from devices.api.fields import ModelSerializer, TextField, TimeField
from devices.models import Group
from views_engine.alerts.models import Rule
from views_engine.notifying.models import OPEN, SHORTEST_SECRET, Attempt, Channel, Delivery

EXAMPLE: dict[str, Any] = {
    "name": "On call",
    "kind": "webhook",
    "target": {"url": "https://example.com/alerts"},
    "secret": "a long secret of your own",
    "min_severity": "warning",
    "rules": [],
    "groups": [],
    "enabled": True,
}
SHOWN = {name: value for name, value in EXAMPLE.items() if name != "secret"} | {
    "id": 1,
    "created_at": "2026-01-31T12:00:00.000Z",
}


@extend_schema_field({"type": "object", "additionalProperties": True})
class ObjectField(serializers.JSONField):
    """A JSON object."""

    default_error_messages = {"wrong_type": "This is an object."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("wrong_type")
        return super().to_internal_value(data)


class NumberField(serializers.IntegerField):
    """A whole number; a text is not taken for one."""

    default_error_messages = {"wrong_type": "This is a whole number."}

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("wrong_type")
        return super().to_internal_value(data)


@extend_schema_serializer(
    examples=[
        OpenApiExample("A webhook", value=EXAMPLE, request_only=True),
        OpenApiExample("A webhook", value=SHOWN, response_only=True),
    ]
)
class ChannelSerializer(ModelSerializer[Channel]):
    target = ObjectField(help_text="`to` (a list of addresses) for e-mail, `url` for webhook and slack.")
    secret = TextField(
        write_only=True,
        required=False,
        min_length=SHORTEST_SECRET,
        max_length=200,
        help_text="Signs webhooks; made when absent, and shown in the answer to its creation only.",
    )
    rules = serializers.ListField(
        child=NumberField(min_value=1, max_value=2**63 - 1),
        required=False,
        max_length=100,
        help_text="Empty: all.",
    )
    groups = serializers.ListField(
        child=TextField(max_length=100), required=False, max_length=100, help_text="Names; empty: all."
    )
    created_at = TimeField(read_only=True)

    class Meta:
        model = Channel
        fields = ("id", "name", "kind", "target", "secret", "min_severity", "rules", "groups", "enabled", "created_at")

    def validate_kind(self, value: str) -> str:
        if self.instance is not None and value != self.instance.kind:
            raise serializers.ValidationError("The kind of a channel cannot change.", code="immutable")
        return value

    def validate_rules(self, value: list[int]) -> list[int]:
        known = set(Rule.objects.present().filter(pk__in=value).values_list("pk", flat=True))
        if unknown := [rule for rule in value if rule not in known]:
            raise serializers.ValidationError(f"There is no rule {unknown[0]}.", code="does_not_exist")
        return value

    def validate_groups(self, value: list[str]) -> list[str]:
        known = set(Group.objects.filter(name__in=value).values_list("name", flat=True))
        if unknown := [name for name in value if name not in known]:
            raise serializers.ValidationError(f"There is no group {unknown[0]!r}.", code="does_not_exist")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The channel is judged as it would stand after the change."""
        now = {name: getattr(self.instance, name) for name in ("kind", "target", "secret") if self.instance}
        would_be = Channel(**{**now, **attrs})
        if found := would_be.faults():
            errors = {each.member: [serializers.ErrorDetail(each.detail, code=each.code)] for each in found}
            raise serializers.ValidationError({"target": errors})
        if "secret" in attrs and not would_be.transport.signs:
            detail = f"Only what is signed has a secret, and {would_be.kind} is not."
            raise serializers.ValidationError({"secret": [serializers.ErrorDetail(detail, code="not_allowed")]})
        return attrs


class MadeChannelSerializer(ChannelSerializer):
    """A new channel. `secret` is in this answer and nowhere else."""

    secret = TextField(read_only=True, allow_null=True, help_text="Of a webhook that was given none; else null.")


class TestSerializer(serializers.Serializer[Any]):
    """What came of a test message."""

    delivered = serializers.BooleanField()
    detail = serializers.CharField(help_text="What the other side answered, or why it did not.")
    seconds = serializers.FloatField()


class AttemptSerializer(ModelSerializer[Attempt]):
    at = TimeField()

    class Meta:
        model = Attempt
        fields = ("at", "seconds", "taken", "answer")


DELIVERY_FIELDS: tuple[str, ...] = (
    "id",
    "channel",
    "alert",
    "revision",
    "key",
    "tone",
    "body",
    "state",
    "attempts",
    "created_at",
    "next_attempt_at",
    "sent_at",
    "last_error",
)


class DeliverySerializer(ModelSerializer[Delivery]):
    channel = serializers.IntegerField(source="channel_id")
    alert = serializers.IntegerField(source="alert_id")
    body = ObjectField(help_text="What is sent: the facts as they were when this happened.")
    created_at = TimeField()
    next_attempt_at = serializers.SerializerMethodField()
    sent_at = TimeField(allow_null=True)

    class Meta:
        model = Delivery
        fields = DELIVERY_FIELDS

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_attempt_at(self, delivery: Delivery) -> str | None:
        waits = delivery.state in OPEN
        return TimeField().to_representation(delivery.next_attempt_at) if waits else None


class DeliveryDetailSerializer(DeliverySerializer):
    log = AttemptSerializer(many=True, help_text="Every attempt, oldest first.")

    class Meta:
        model = Delivery
        fields = (*DELIVERY_FIELDS, "log")
