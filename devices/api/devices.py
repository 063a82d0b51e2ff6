"""/devices and /devices/bulk."""

import time
from itertools import islice
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from devices import bulk, presence
from devices.api.serializers import BulkSerializer, DeviceSerializer
from devices.models import Device
from devices.pagination import CursorPagination, after
from devices.parameters import KnownParameters, boolean
from devices.parsers import CSVParser, read, text
from devices.problems import RowErrors, Unavailable
from devices.tables import Refused

FILTERS = {"tag": "tags__name", "group": "groups__name", "site": "site__name", "device_type": "device_type__slug"}
TABLE = "device_id,name,groups,tags\nnorth:1,Roof,outdoor;depot,calibrated\n"


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("tag", str, description="Only devices with this tag."),
            OpenApiParameter("group", str, description="Only devices in the group of this name."),
            OpenApiParameter("site", str, description="Only devices at the site of this name."),
            OpenApiParameter("device_type", str, description="Only devices of the type with this slug."),
            OpenApiParameter("online", bool, description="Only devices that are (or are not) online now."),
        ]
    )
)
class DeviceViewSet(KnownParameters, ModelViewSet[Device]):
    """Devices. Deleting one takes its tokens along and leaves its events."""

    serializer_class = DeviceSerializer
    queryset = Device.objects.select_related("device_type", "site").prefetch_related("groups", "tags")
    lookup_field = "device_id"
    lookup_value_regex = r"[A-Za-z0-9._:-]{1,64}"
    list_parameters: ClassVar[frozenset[str]] = frozenset({*FILTERS, "online"})
    action_parameters: ClassVar[dict[str, frozenset[str]]] = {"bulk": frozenset({"dry_run"})}

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.action != "list":
            return queryset
        params = self.request.query_params
        found = queryset.filter(**{FILTERS[name]: params[name] for name in FILTERS if name in params})
        online = boolean(params, "online")
        return found if online is None else self._by_presence(found, online)

    def _by_presence(self, queryset: QuerySet[Device], wanted: bool) -> QuerySet[Device]:
        """Presence is no column: what the page asked for can hold is picked here, in the order of the pages."""
        online = _online()
        assert isinstance(self.paginator, CursorPagination)
        asked = self.paginator.asked(self.request)
        ids = after(queryset.order_by("device_id"), ("device_id",), asked.after).values_list("device_id", flat=True)
        page = islice((each for each in ids.iterator(1000) if (each in online) is wanted), asked.limit + 1)
        return queryset.filter(device_id__in=list(page))

    @extend_schema(
        request={
            "text/csv": OpenApiTypes.STR,
            "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}},
        },
        parameters=[OpenApiParameter("dry_run", bool, description="Check everything, change nothing.")],
        responses={201: BulkSerializer, 200: BulkSerializer},
        examples=[OpenApiExample("A table", value=TABLE, media_type="text/csv", request_only=True)],
    )
    @action(detail=False, methods=["post"], parser_classes=[CSVParser, MultiPartParser])
    def bulk(self, request: Request) -> Response:
        """Makes all devices of a CSV table, or none and says what is wrong with which line.

        The first line names the columns: `device_id`, and any of `name`, `device_type`, `site`, `groups`, `tags`,
        `offline_after_s`, `notes`. Several groups or tags are separated by semicolons.
        """
        dry_run = boolean(request.query_params, "dry_run") or False
        try:
            rows = bulk.create(_table(request), dry_run=dry_run)
        except Refused as refused:
            raise RowErrors(str(refused), refused.errors) from refused
        answer = {"rows": rows, "created": 0 if dry_run else rows, "dry_run": dry_run}
        return Response(answer, status=200 if dry_run else 201)


def _online() -> set[str]:
    now = int(time.time() * 1000)
    try:
        return presence.online(now, settings.CONFIG.presence.offline_after_s)
    except presence.Unknown as unknown:
        raise Unavailable(f"Nobody can say who is online: {unknown}") from unknown


def _table(request: Request) -> str:
    if isinstance(request.data, str):
        return request.data
    file: Any = request.FILES.get("file")
    if file is None:
        raise ValidationError({"file": ["The form has no file of this name."]}, code="missing")
    return text(read(file))
