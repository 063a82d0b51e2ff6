"""The OpenAPI description of the reading routes, and of the one route that Django never sees."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view

from views_engine.api.ingest_schema import POST_EVENTS
from views_engine.api.parameters import Parameter

VERSION = OpenApiParameter(
    "X-View-Version",
    {"type": "string", "maxLength": 4096},
    OpenApiParameter.HEADER,
    description="A version that an answer carried: this answer will not be older.",
    examples=[OpenApiExample("seen before", '{"0": {"epoch": 0, "position": 0}}')],
)
TAG = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The `ETag` of an answer: 304 while nothing has changed."
)
UNCHANGED = OpenApiResponse(description="Nothing has changed since the answer with that tag.")


def described(
    *,
    summary: str,
    answer: Any,
    parameters: Sequence[Parameter],
    description: str = "",
    streamed: bool = True,
    path: Sequence[OpenApiParameter] = (),
) -> Any:
    """Decorates a view: says of its GET what it takes and what it answers."""
    responses: dict[Any, Any] = {
        (200, "application/json"): OpenApiResponse(answer, summary),
        304: UNCHANGED,
    }
    if streamed:
        responses[200, "text/csv"] = OpenApiTypes.STR
        responses[200, "application/x-ndjson"] = OpenApiTypes.STR
        responses[200, "application/vnd.apache.parquet"] = OpenApiTypes.BINARY
    taken = [*path, *map(_parameter, parameters), VERSION, TAG]
    get = extend_schema(summary=summary, description=description, parameters=taken, responses=responses)
    return extend_schema_view(get=get)


def _parameter(parameter: Parameter) -> OpenApiParameter:
    examples = [] if parameter.example is None else [OpenApiExample("example", parameter.example)]
    return OpenApiParameter(
        parameter.name,
        dict(parameter.schema),
        OpenApiParameter.QUERY,
        description=parameter.description,
        examples=examples,
    )


def add_ingest(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: `POST /events` is answered before Django, so it is described by hand."""
    result["paths"].setdefault("/api/v1/events", {})["post"] = POST_EVENTS
    return result
