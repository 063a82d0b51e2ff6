"""/channels and /deliveries."""

import asyncio
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet, ModelViewSet

from devices.api.fields import written
from devices.parameters import KnownParameters
from devices.problems import BadParameter, Conflict
from devices.roles import Role
from views_engine.notifying import outbox
from views_engine.notifying.delivery import Outcome, send
from views_engine.notifying.message import Message
from views_engine.notifying.models import Channel, Delivery
from views_engine.notifying.policy import Tone
from views_engine.notifying.serializers import (
    ChannelSerializer,
    DeliveryDetailSerializer,
    DeliverySerializer,
    MadeChannelSerializer,
    TestSerializer,
)

NUMBER = r"[0-9]{1,18}"


@extend_schema_view(
    create=extend_schema(responses={201: MadeChannelSerializer}),
    destroy=extend_schema(description="Its deliveries go with it, also those that were not sent yet."),
)
class ChannelViewSet(KnownParameters, ModelViewSet[Channel]):
    """Whom to tell of alerts: e-mail, signed webhooks, Slack. Secrets can be set and never read again."""

    serializer_class = ChannelSerializer
    queryset = Channel.objects.all()
    lookup_value_regex = NUMBER
    required_role = Role.OPERATOR

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        channel = asked.save()
        shown = dict(ChannelSerializer(channel).data)
        made_here = channel.transport.signs and "secret" not in asked.validated_data
        return Response({**shown, "secret": channel.secret if made_here else None}, status=201)

    @extend_schema(request=None, responses=TestSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Sends a test message at once, whether the channel is enabled or not, and says what came of it."""
        outcome = tried(self.get_object())
        answer = {"delivered": outcome.taken, "detail": outcome.answer, "seconds": round(outcome.seconds, 3)}
        return Response(TestSerializer(answer).data)


def tried(channel: Channel) -> Outcome:
    """What came of a test message; it is not kept."""
    now = written(timezone.now())
    alert = {"id": 0, "rule": 0, "rule_name": "Test message", "device_id": "no-device", "severity": "info"}
    times = {"state": "open", "started_at": now, "raised_at": now, "cleared_at": None, "value": None}
    body = {"change": "test", "corrected": False, "revision": 0, "epoch": 0, "cause": None, "alert": {**alert, **times}}
    return asyncio.run(send(channel, Message(key=f"test-{uuid.uuid4()}", tone=Tone.NOTE, body=body)))


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("alert", int, description="Only of the alert with this id."),
            OpenApiParameter("channel", int, description="Only to the channel with this id."),
            OpenApiParameter("state", str, enum=list(Delivery.State.values)),
        ]
    ),
    retrieve=extend_schema(responses=DeliveryDetailSerializer),
)
class DeliveryViewSet(KnownParameters, ListModelMixin, RetrieveModelMixin, GenericViewSet[Delivery]):
    """Notifications, newest first: what was told to whom, what waits, and what was given up."""

    queryset = Delivery.objects.all()
    lookup_value_regex = NUMBER
    list_parameters: ClassVar[frozenset[str]] = frozenset({"alert", "channel", "state"})

    def get_serializer_class(self) -> type[BaseSerializer[Delivery]]:
        return DeliveryDetailSerializer if self.action == "retrieve" else DeliverySerializer

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**_filters(self.request.query_params)) if self.action == "list" else queryset

    @extend_schema(request=None, responses=DeliverySerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: str) -> Response:
        """Sends the message (again), with a fresh day of attempts and the same idempotency key.

        409 while it still waits for its first attempt.
        """
        delivery = self.get_object()
        if delivery.state == Delivery.State.WAITING:
            raise Conflict("It has not been sent yet, and will be.")
        outbox.resend(delivery)
        return Response(DeliverySerializer(delivery).data)


def _filters(params: Mapping[str, str]) -> dict[str, Any]:
    """What to ask the database; raises BadParameter."""
    filters = {f"{name}_id": _number(params[name], name) for name in ("alert", "channel") if name in params}
    if "state" not in params:
        return filters
    if params["state"] not in Delivery.State.values:
        raise BadParameter(f"state is one of {', '.join(Delivery.State.values)}.")
    return {**filters, "state": params["state"]}


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadParameter(f"{name} is the id of one, a whole number.")
    return int(text)
