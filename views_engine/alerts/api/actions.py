"""What operators do to alerts: acknowledge, assign, comment. Each answers with the alert."""

from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from devices.api.fields import TextField
from devices.parameters import KnownParameters
from views_engine.alerts import people
from views_engine.alerts.api import responses, shapes
from views_engine.alerts.api.alerts import MOST_ID, alert_of
from views_engine.alerts.models import Alert

MOST_TEXT = 4_000
MOST_IDS = 1_000


class Asked(serializers.Serializer[Any]):
    """What came with a request; members that nobody knows are refused."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        if strange := sorted(set(data) - set(self.fields)):
            error = serializers.ErrorDetail("There is no such member here.", "unknown_member")
            raise serializers.ValidationError({name: [error] for name in strange})
        return value


class AcknowledgeSerializer(Asked):
    comment = TextField(required=False, allow_null=True, max_length=MOST_TEXT)


class AssignSerializer(Asked):
    assignee = TextField(allow_null=True, max_length=150, help_text="A username; null: nobody.")

    def validate_assignee(self, name: str | None) -> User | None:
        if name is None:
            return None
        person = User.objects.filter(username=name, is_active=True).first()
        if person is None:
            raise serializers.ValidationError(f"There is nobody called {name!r}.", "unknown_person")
        return person


class CommentSerializer(Asked):
    text = TextField(max_length=MOST_TEXT)


class AcknowledgeManySerializer(AcknowledgeSerializer):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_ID), min_length=1, max_length=MOST_IDS
    )

    def validate_ids(self, ids: list[int]) -> list[int]:
        known = set(Alert.objects.filter(pk__in=ids).values_list("pk", flat=True))
        strange = {place: one for place, one in enumerate(ids) if one not in known}
        if strange:
            raise serializers.ValidationError(
                {
                    str(place): [serializers.ErrorDetail(f"There is no alert {one}.", "unknown_alert")]
                    for place, one in strange.items()
                }
            )
        return list(dict.fromkeys(ids))


class Acknowledge(KnownParameters):
    @extend_schema(request=AcknowledgeSerializer, responses=responses.ALERT, summary="Acknowledge an alert")
    def post(self, request: Request, alert_id: int) -> Response:
        """Acknowledged once is acknowledged: the first one stays, a comment is added all the same."""
        alert = alert_of(alert_id)
        people.acknowledge([alert.pk], _person(request), _asked(AcknowledgeSerializer, request).get("comment") or "")
        return Response(shapes.detail(alert_of(alert_id)))


class Assign(KnownParameters):
    @extend_schema(request=AssignSerializer, responses=responses.ALERT, summary="Say who cares for an alert")
    def post(self, request: Request, alert_id: int) -> Response:
        alert = alert_of(alert_id)
        people.assign([alert.pk], _asked(AssignSerializer, request)["assignee"])
        return Response(shapes.detail(alert_of(alert_id)))


class AddComment(KnownParameters):
    @extend_schema(request=CommentSerializer, responses=responses.ALERT, summary="Comment on an alert")
    def post(self, request: Request, alert_id: int) -> Response:
        alert = alert_of(alert_id)
        people.comment(alert.pk, _person(request), _asked(CommentSerializer, request)["text"])
        return Response(shapes.detail(alert_of(alert_id)))


class AcknowledgeMany(KnownParameters):
    @extend_schema(
        operation_id="alerts_acknowledge_many",
        request=AcknowledgeManySerializer,
        responses=responses.ACKNOWLEDGED,
        summary="Acknowledge many alerts",
    )
    def post(self, request: Request) -> Response:
        """All of them, or none where one is not there."""
        asked = _asked(AcknowledgeManySerializer, request)
        count = people.acknowledge(asked["ids"], _person(request), asked.get("comment") or "")
        return Response({"acknowledged": count})


def _asked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    asked = serializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def _person(request: Request) -> User:
    """Whoever asks is a person: devices and gateways do not come here."""
    assert isinstance(request.user, User)
    return request.user
