"""Fields that our API writes its own way."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from devices.models import Tag

Row = TypeVar("Row", bound=models.Model)


class TextField(serializers.CharField):
    """Text only: a number is not taken for its digits."""

    default_error_messages = {"wrong_type": "This is a text."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("wrong_type")
        return str(super().to_internal_value(data))


class SlugField(TextField, serializers.SlugField):
    """A slug, and a text."""


class ModelSerializer(serializers.ModelSerializer[Row]):
    """REST framework's, with texts that are texts."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: TextField,
        models.TextField: TextField,
        models.SlugField: SlugField,
    }


@extend_schema_field(OpenApiTypes.DATETIME)
class TimeField(serializers.DateTimeField):
    """RFC 3339 in UTC with milliseconds; on input any offset is accepted, a time without one is refused."""

    default_error_messages = {"no_offset": "A time needs an offset from UTC, as in 2026-01-31T12:00:00Z."}

    def to_representation(self, value: Any) -> str:
        return written(value)

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("no_offset")
        try:
            return value.replace(microsecond=value.microsecond // 1000 * 1000).astimezone(UTC)
        except OverflowError:
            self.fail("overflow")


@extend_schema_field({"type": "array", "items": {"type": "string", "maxLength": 50}})
class TagsField(serializers.ListField):
    """The names of an object's tags; those that are new come into being when it is saved."""

    child = TextField(max_length=50, validators=Tag._meta.get_field("name").validators[:1])

    def to_representation(self, data: Any) -> list[str]:
        return [tag.name for tag in data.all()]

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(super().to_internal_value(data)))


def written(moment: datetime) -> str:
    """`2026-01-31T12:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
