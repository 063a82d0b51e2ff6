"""Fields of a rule: nothing is taken for what it is not, and nobody's slip of the pen is passed over."""

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from devices.api.fields import TextField
from views_engine.rules import KINDS


class Strict(serializers.Serializer[Any]):
    """An object without members that nobody knows; null, where it is allowed, is the same as absent."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        given = {name: value for name, value in data.items() if value is not None or not self._may_be_null(name)}
        strange = {
            name: [ErrorDetail("There is no such member.", "unknown_member")]
            for name in data
            if name not in self.fields
        }
        try:
            found = super().to_internal_value(given)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**dict(error.detail), **strange}) from error  # type: ignore[arg-type]
        if strange:
            raise serializers.ValidationError(strange)
        return found

    def _may_be_null(self, name: str) -> bool:
        return name in self.fields and self.fields[name].allow_null


class TruthField(serializers.BooleanField):
    """true or false, and no word for them."""

    default_error_messages: ClassVar = {"invalid": "This is true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 3_155_760_000, "nullable": True})
class SecondsField(serializers.Field[Any, Any, Any, Any]):
    """A number of seconds, 0 or more."""

    default_error_messages: ClassVar = {"invalid": "This is a number of seconds from 0 to 3,155,760,000."}

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float) or not 0 <= data <= 3_155_760_000:
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class Judged(serializers.Field[Any, Any, Any, Any]):
    """Taken as it is: the kind of the rule says what is wrong with it."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "string", "enum": list(KINDS)})
class KindField(Judged):
    """One of the kinds there are."""


@extend_schema_field({"type": "string", "maxLength": 64, "nullable": True})
class EventTypeField(Judged):
    """An event type, or null for any."""

    def to_representation(self, value: Any) -> Any:
        return value or None


@extend_schema_field({"type": "object", "additionalProperties": True})
class ParametersField(Judged):
    """Those of the kind."""


class ScopeSerializer(Strict):
    """Whom the rule judges: every device that is named or has one of these types, groups or tags. Empty: every one."""

    devices = serializers.ListField(child=TextField(max_length=64), required=False, max_length=10_000)
    device_types = serializers.ListField(child=TextField(max_length=50), required=False, max_length=100)
    groups = serializers.ListField(child=TextField(max_length=100), required=False, max_length=100)
    tags = serializers.ListField(child=TextField(max_length=50), required=False, max_length=100)

    def to_representation(self, instance: Any) -> Any:
        return instance


class PolicySerializer(Strict):
    """What is said when late events change an alert after the fact."""

    notify = serializers.ChoiceField(["silent", "note", "notify"], required=False)
    max_lateness_s = SecondsField(
        required=False,
        allow_null=True,
        help_text="Corrections of what was observed longer ago are noted, not announced.",
    )

    def to_representation(self, instance: Any) -> Any:
        return instance
