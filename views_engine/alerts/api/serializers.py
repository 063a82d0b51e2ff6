"""What rules and their back-tests look like to a client."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from devices.api.fields import TextField, TimeField
from devices.problems import RowErrors, flatten
from views_engine.alerts import checking
from views_engine.alerts.api.fields import (
    EventTypeField,
    KindField,
    ParametersField,
    PolicySerializer,
    ScopeSerializer,
    Strict,
    TruthField,
)
from views_engine.alerts.models import Rule, Severity
from views_engine.alerts.models.rule import default_policy

EXAMPLE: dict[str, Any] = {
    "name": "Too warm",
    "kind": "threshold",
    "event_type": "temperature",
    "severity": "warning",
    "parameters": {"operator": ">", "value": 30, "for_s": 60, "clear_value": 28},
    "scope": {},
    "enabled": True,
    "correction_policy": {"notify": "notify", "max_lateness_s": 86400},
}


class Judged(Strict):
    """What a rule says. Everything that is wrong with it is told at once."""

    name = TextField(max_length=100)
    kind = KindField()
    event_type = EventTypeField(required=False, allow_null=True)
    severity = serializers.ChoiceField(Severity.choices, required=False)
    parameters = ParametersField()
    scope = ScopeSerializer(required=False)
    enabled = TruthField(required=False)
    effective_from = TimeField(
        required=False, allow_null=True, help_text="Observations from then on are judged; when it is saved, if absent."
    )
    correction_policy = PolicySerializer(required=False)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        errors: list[dict[str, Any]] = []
        value: Any = None
        try:
            value = super().run_validation(data)
        except serializers.ValidationError as error:
            errors = list(flatten(error.get_full_details()))
        if isinstance(data, Mapping):
            given = {name: each for name, each in data.items() if each is not None}
            told = {error["pointer"] for error in errors}
            faults = checking.faults(given, self._rule)
            errors += [fault._asdict() for fault in faults if fault.pointer not in told]
        if errors:
            one = len(errors) == 1
            raise RowErrors(errors[0]["detail"] if one else f"{len(errors)} members are not valid.", errors)
        return value

    @property
    def _rule(self) -> Rule | None:
        return self.instance if isinstance(self.instance, Rule) else None


@extend_schema_serializer(examples=[OpenApiExample("A rule", value=EXAMPLE, request_only=True)])
class RuleSerializer(Judged):
    """A rule. `rule_version` counts the changes of what it judges."""

    id = serializers.IntegerField(read_only=True)
    rule_version = serializers.IntegerField(source="version", read_only=True)
    stopped_reason = serializers.CharField(read_only=True, help_text="Why we disabled it; empty: we did not.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, allow_null=True, default=None)
    updated_by = serializers.CharField(source="updated_by.username", read_only=True, allow_null=True, default=None)
    created_at = TimeField(read_only=True)
    updated_at = TimeField(read_only=True)

    def create(self, validated_data: dict[str, Any]) -> Rule:
        """A rule that is not saved yet."""
        return changed(Rule(), validated_data)

    def update(self, instance: Rule, validated_data: dict[str, Any]) -> Rule:
        """The same, changed and not saved."""
        return changed(instance, validated_data)


class TrialSerializer(Judged):
    """A rule that is nobody's yet, and the stretch of the past that it shall judge."""

    name = TextField(max_length=100, required=False)
    vars()["from"] = TimeField(required=False, allow_null=True, help_text="30 days before `to`, if absent.")
    to = TimeField(required=False, allow_null=True, help_text="Now, if absent.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "from" in attrs and "to" in attrs and attrs["from"] > attrs["to"]:
            raise serializers.ValidationError({"from": "from is after to."}, code="out_of_range")
        return attrs


class RuleTrialSerializer(TrialSerializer):
    """What shall be otherwise than in the rule, and the stretch of the past."""

    kind = KindField(required=False)
    parameters = ParametersField(required=False)


class IntervalSerializer(serializers.Serializer[Any]):
    """An alert as it would have been; `value` is the most extreme one while it lasted, in the type's unit."""

    device_id = serializers.CharField()
    severity = serializers.CharField()
    started_at = TimeField()
    raised_at = TimeField()
    cleared_at = TimeField(allow_null=True)
    value = serializers.FloatField(allow_null=True)


class PositionSerializer(serializers.Serializer[Any]):
    epoch = serializers.IntegerField()
    position = serializers.IntegerField()


class AnswerSerializer(serializers.Serializer[Any]):
    """What a rule would have said."""

    count = serializers.IntegerField(help_text="How many alerts; at least so many where they are truncated.")
    results = IntervalSerializer(many=True)
    truncated = serializers.BooleanField(help_text="Whether there are more than those listed.")
    version = serializers.DictField(child=PositionSerializer())


@extend_schema_serializer(component_name="SavedRule")
class SavedSerializer(RuleSerializer):
    """A rule that was saved: reads at or after `version` know it; null when that is not known in time."""

    version = serializers.DictField(child=PositionSerializer(), allow_null=True, read_only=True)


def changed(rule: Rule, values: Mapping[str, Any]) -> Rule:
    """The rule with these values; its next version holds from now on, unless they say otherwise."""
    for name, value in values.items():
        setattr(rule, name, value)
    rule.correction_policy = {**default_policy(), **rule.correction_policy}
    if "enabled" in values:
        rule.stopped_reason = ""
    if "effective_from" not in values and rule.judges_otherwise():
        rule.effective_from = timezone.now()
    return rule
