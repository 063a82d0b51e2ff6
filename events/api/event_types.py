"""/event-types: the built-in ones to look at, those of people to define and change."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from devices.api.fields import ModelSerializer
from devices.pagination import cursor_of, encode_cursor, limit_of, next_url
from devices.parameters import KnownParameters
from devices.problems import Conflict
from events.event_types import BUILT_IN
from events.models import EventType

EXAMPLE: dict[str, Any] = {
    "slug": "co2",
    "name": "Carbon dioxide",
    "unit": "ppm",
    "schema": {
        "type": "object",
        "required": ["value"],
        "properties": {"value": {"type": "number", "minimum": 0, "maximum": 10000}},
    },
}


@extend_schema_serializer(examples=[OpenApiExample("A type", value=EXAMPLE, request_only=True)])
class EventTypeSerializer(ModelSerializer[EventType]):
    schema = serializers.JSONField(default=dict, help_text="The JSON schema of the payload.")
    built_in = serializers.SerializerMethodField()

    class Meta:
        model = EventType
        fields = ("slug", "name", "unit", "schema", "built_in")

    def get_built_in(self, kind: EventType) -> bool:
        return kind.slug in BUILT_IN

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The type is judged as it would stand after the change."""
        now = self.instance
        if now and attrs.get("slug", now.slug) != now.slug:
            raise serializers.ValidationError({"slug": "The slug of a type never changes."}, code="read_only")
        would_be = EventType(**{**(now.definition() if now else {}), **attrs})
        try:
            would_be.clean()
        except Invalid as error:
            raise serializers.ValidationError(error.message_dict, code=error.error_dict.popitem()[1][0].code) from error
        return attrs

    def to_representation(self, instance: EventType) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {**shown, "name": shown["name"] or instance.slug}


@extend_schema_view(
    list=extend_schema(summary="All event types, by slug"),
    destroy=extend_schema(description="Events of the type are no longer accepted. Those already taken in stay."),
)
class EventTypeViewSet(KnownParameters, ModelViewSet[EventType]):
    """Event types. A payload must meet its type's JSON schema; a number under `value` is aggregated."""

    serializer_class = EventTypeSerializer
    queryset = EventType.objects.all()
    lookup_field = "slug"
    lookup_value_regex = r"[A-Za-z0-9_-]{1,64}"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_object(self) -> EventType:
        slug = self.kwargs["slug"]
        if slug in BUILT_IN:
            if self.action != "retrieve":
                raise Conflict(f"{slug} is a built-in type and cannot be changed.")
            return _built_in()[slug]
        return super().get_object()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        limit, after = limit_of(request.query_params), cursor_of(request.query_params, request.path)
        every = {**_built_in(), **{kind.slug: kind for kind in EventType.objects.all()}}
        rows = [every[slug] for slug in sorted(every) if after is None or slug > after[0]]
        cursor = encode_cursor([rows[limit - 1].slug], request.path) if len(rows) > limit else None
        results = self.get_serializer(rows[:limit], many=True).data
        return Response({"results": results, "next": next_url(request, cursor)})


def _built_in() -> dict[str, EventType]:
    return {kind.slug: EventType(slug=kind.slug, name=kind.name, unit=kind.unit) for kind in BUILT_IN}
