"""/dead-letters: what was put aside, and why; mend it and replay it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from blackboard.loop import now_ms
from devices.api.fields import TextField, TimeField
from devices.parameters import KnownParameters, boolean
from devices.problems import BadParameter, Conflict, RowErrors, Unavailable
from devices.registry import get_registry
from events import catalogue
from events.dead_letters import NotReplayable, StillRefused, fix_and_replay
from events.decoding.times import parse_time
from events.letter import REASONS
from events.log import get_log
from events.log.base import LogUnavailable
from events.models import DeadLetter


class DeadLetterSerializer(serializers.ModelSerializer[DeadLetter]):
    received_at = TimeField()
    replayed_at = TimeField(allow_null=True)
    raw = serializers.CharField(source="text", help_text="As it was sent; bytes that are no UTF-8 as \\xff.")

    class Meta:
        model = DeadLetter
        fields = ("id", "reason", "detail", "device_id", "received_at", "raw", "replayed_at")


class ReplaySerializer(serializers.Serializer[Any]):
    raw = TextField(
        required=False, trim_whitespace=False, max_length=1_000_000, help_text="The mended event; default: as it is."
    )
    force = serializers.BooleanField(default=False, help_text="Also a letter that was replayed before.")


class Refused(RowErrors):
    """422: what was sent is still no event."""

    status_code = 422


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("reason", str, enum=[reason.value for reason in REASONS]),
            OpenApiParameter("device_id", str),
            OpenApiParameter("from", datetime, description="Received at or after this time."),
            OpenApiParameter("to", datetime, description="Received before this time."),
            OpenApiParameter("replayed", bool, description="Only those that were (or were not) replayed."),
        ]
    )
)
class DeadLetterViewSet(KnownParameters, ListModelMixin, RetrieveModelMixin, GenericViewSet[DeadLetter]):
    """Events that were put aside, newest first."""

    serializer_class = DeadLetterSerializer
    queryset = DeadLetter.objects.all()
    lookup_value_regex = r"[0-9]{1,18}"
    list_parameters: ClassVar[frozenset[str]] = frozenset({"reason", "device_id", "from", "to", "replayed"})

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**_filters(self.request.query_params)) if self.action == "list" else queryset

    @extend_schema(request=ReplaySerializer, responses=DeadLetterSerializer)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Sends the event, or the mended one in `raw`, through the raw log again.

        409 when it was replayed before or its device is unknown, 422 when it would be refused again.
        """
        asked = ReplaySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        letter = replayed(self.get_object(), asked.validated_data.get("raw"), force=asked.validated_data["force"])
        return Response(DeadLetterSerializer(letter).data)


def replayed(letter: DeadLetter, raw: str | None, *, force: bool) -> DeadLetter:
    """The letter after its replay; raises the API's exceptions."""
    try:
        return fix_and_replay(
            letter,
            raw,
            log=get_log(),
            types=catalogue.event_types(),
            known=get_registry().known,
            now=now_ms(),
            max_depth=settings.CONFIG.ingest.max_depth,
            force=force,
        )
    except StillRefused as refused:
        raise Refused(f"Not replayed: {refused}.", list(_errors(refused))) from refused
    except NotReplayable as reason:
        raise Conflict(f"Not replayed: {reason}.") from reason
    except LogUnavailable as reason:
        raise Unavailable(f"Not replayed: {reason}.") from reason


def _errors(refused: StillRefused) -> list[dict[str, Any]]:
    return [
        {"index": index, "pointer": refusal.pointer, "code": refusal.code, "detail": refusal.detail}
        for index, refusal in refused.refusals
    ]


def _filters(params: Mapping[str, str]) -> dict[str, Any]:
    """What to ask the database; raises BadParameter."""
    filters: dict[str, Any] = {name: params[name] for name in ("reason", "device_id") if name in params}
    if filters.get("reason", REASONS[0]) not in REASONS:
        raise BadParameter(f"reason is one of {', '.join(REASONS)}.")
    start, end = _time(params, "from"), _time(params, "to")
    if start and end and start > end:
        raise BadParameter("from lies after to.")
    replayed = boolean(params, "replayed")
    filters |= {} if start is None else {"received_at__gte": start}
    filters |= {} if end is None else {"received_at__lt": end}
    return filters | ({} if replayed is None else {"replayed_at__isnull": not replayed})


def _time(params: Mapping[str, str], name: str) -> datetime | None:
    if name not in params:
        return None
    try:
        return datetime.fromtimestamp(parse_time(params[name]) / 1000, UTC)
    except (ValueError, OverflowError) as error:
        raise BadParameter(f"{name}: {error}.") from error
