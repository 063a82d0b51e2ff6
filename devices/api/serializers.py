"""What devices, groups, sites and tokens look like to a client."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from devices.api.fields import ModelSerializer, TagsField, TextField, TimeField
from devices.labels import tags_named
from devices.models import Device, DeviceToken, DeviceType, Group, Site

MAX_OVERLAP_S = 30 * 24 * 3600

DEVICE_EXAMPLE: dict[str, Any] = {
    "device_id": "north:sensor-17",
    "name": "Roof, north side",
    "device_type": "th-sensor",
    "site": "Depot",
    "groups": ["outdoor"],
    "tags": ["calibrated"],
    "offline_after_s": 3600,
    "notes": "",
}


class DeviceTypeSerializer(ModelSerializer[DeviceType]):
    class Meta:
        model = DeviceType
        fields = ("slug", "name", "offline_after_s")


class GroupSerializer(ModelSerializer[Group]):
    class Meta:
        model = Group
        fields = ("id", "name", "description")


class SiteSerializer(ModelSerializer[Site]):
    class Meta:
        model = Site
        fields = ("id", "name", "latitude", "longitude")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The position is judged as it would stand after the change."""
        ends = [attrs.get(name, getattr(self.instance, name, None)) for name in ("latitude", "longitude")]
        if ends.count(None) == 1:
            raise serializers.ValidationError("A site has both latitude and longitude, or neither.", code="incomplete")
        return attrs


@extend_schema_serializer(
    examples=[
        OpenApiExample("A device", value=DEVICE_EXAMPLE, request_only=True),
        OpenApiExample(
            "A device", value={**DEVICE_EXAMPLE, "registered_at": "2026-01-31T12:00:00.000Z"}, response_only=True
        ),
    ]
)
class DeviceSerializer(ModelSerializer[Device]):
    device_type = serializers.SlugRelatedField(
        slug_field="slug", queryset=DeviceType.objects.all(), required=False, allow_null=True
    )
    site = serializers.SlugRelatedField(slug_field="name", queryset=Site.objects.all(), required=False, allow_null=True)
    groups = serializers.SlugRelatedField(slug_field="name", queryset=Group.objects.all(), required=False, many=True)
    tags = TagsField(required=False, max_length=100)
    registered_at = TimeField(read_only=True)

    class Meta:
        model = Device
        fields = (
            "device_id",
            "name",
            "device_type",
            "site",
            "groups",
            "tags",
            "offline_after_s",
            "notes",
            "registered_at",
        )
        extra_kwargs = {"device_id": {"trim_whitespace": False}}

    def validate_device_id(self, value: str) -> str:
        """Events know a device by its id, so it stays."""
        if self.instance is not None and value != self.instance.device_id:
            raise serializers.ValidationError("The id of a device cannot change.", code="immutable")
        return value

    def create(self, validated_data: dict[str, Any]) -> Device:
        return super().create(_with_tags(validated_data))

    def update(self, instance: Device, validated_data: dict[str, Any]) -> Device:
        return super().update(instance, _with_tags(validated_data))


class NewTokenSerializer(serializers.Serializer[Any]):
    """What may be said of a token that is to be made."""

    name = TextField(max_length=50, required=False, help_text="For people; the device id when absent.")
    expires_at = TimeField(required=False, allow_null=True, help_text="When it ends by itself; never when absent.")


class RotationSerializer(serializers.Serializer[Any]):
    overlap_s = serializers.IntegerField(
        min_value=0, max_value=MAX_OVERLAP_S, required=False, help_text="How long the old token still works (one day)."
    )


class IssuedTokenSerializer(serializers.Serializer[Any]):
    """A new token. `token` is the secret, in this answer and nowhere else."""

    id = serializers.CharField()
    token = serializers.CharField()
    prefix = serializers.CharField()
    created_at = TimeField()
    expires_at = TimeField(allow_null=True)


class TokenSerializer(ModelSerializer[DeviceToken]):
    created_at = TimeField(source="created", read_only=True)
    expires_at = TimeField(source="expiry_date", read_only=True, allow_null=True)
    valid = serializers.BooleanField(source="is_usable", read_only=True)

    class Meta:
        model = DeviceToken
        fields = ("id", "prefix", "name", "created_at", "expires_at", "revoked", "valid")
        read_only_fields = fields


class BulkSerializer(serializers.Serializer[Any]):
    """What a table came to."""

    rows = serializers.IntegerField(help_text="Devices in the table.")
    created = serializers.IntegerField(help_text="Devices made; 0 in a dry run.")
    dry_run = serializers.BooleanField()


def _with_tags(validated: dict[str, Any]) -> dict[str, Any]:
    names = validated.get("tags")
    return validated if names is None else {**validated, "tags": tags_named(names)}
