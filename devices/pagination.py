"""Lists by cursor: `limit`, `cursor`, and the answer's `next`, a full URL or null.

A cursor holds the sort key of the last row seen, signed for the list it belongs to: it survives a restart, and no
other text passes for one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db.models import Model, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from devices.problems import BadParameter

if TYPE_CHECKING:  # REST framework's views import this module themselves, by the settings
    from rest_framework.views import APIView

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000
PARAMETERS = frozenset({"limit", "cursor"})


def limit_of(params: Mapping[str, str]) -> int:
    """How many rows are asked for; raises BadParameter out of 1 … 1,000."""
    text = params.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MAX_LIMIT):
        raise BadParameter(f"limit is a whole number from 1 to {MAX_LIMIT}, not {text[:40]!r}.")
    return int(text)


def encode_cursor(values: Sequence[Any], of: str) -> str:
    """`values` (JSON scalars) as a cursor of the list named `of`."""
    return signing.Signer(salt=f"cursor:{of}").sign_object(list(values)).replace(":", ".")


def decode_cursor(text: str, of: str) -> list[Any]:
    """What `encode_cursor` was given; raises BadParameter for anything else, and for another list's cursor."""
    signer = signing.Signer(salt=f"cursor:{of}")
    try:
        values: list[Any] = signer.unsign_object(":".join(text.rsplit(".", 1)))
    except (signing.BadSignature, ValueError) as error:
        raise BadParameter("The cursor is not one of this list; take it from `next`.") from error
    return values


def cursor_of(params: Mapping[str, str], of: str) -> list[Any] | None:
    """The values of the cursor asked with, None on the first page."""
    return decode_cursor(params["cursor"], of) if "cursor" in params else None


def next_url(request: Request, cursor: str | None) -> str | None:
    """The address of the page after this one, with everything else as it was asked."""
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor) if cursor else None


@dataclass(frozen=True, slots=True)
class Asked:
    limit: int
    after: list[Any] | None


class CursorPagination(BasePagination):
    """Pages a queryset by its order, which must be total: by the view's `ordering`, or else the model's.

    Every column of the order is not null. A page costs the same wherever it lies.
    """

    parameters = PARAMETERS

    def asked(self, request: Request) -> Asked:
        return Asked(limit_of(request.query_params), cursor_of(request.query_params, request.path))

    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Model], request: Request, view: "APIView | None" = None
    ) -> list[Model]:
        self.request, asked = request, self.asked(request)
        order = self.order_of(queryset, view)
        rows = list(after(queryset.order_by(*order), order, asked.after)[: asked.limit + 1])
        page = rows[: asked.limit]
        self.cursor = encode_cursor(_key(page[-1], order), request.path) if len(rows) > len(page) else None
        return page

    def order_of(self, queryset: QuerySet[Model], view: "APIView | None") -> tuple[str, ...]:
        order: tuple[Any, ...] = tuple(getattr(view, "ordering", None) or queryset.model._meta.ordering or ("pk",))
        last = order[-1].removeprefix("-")
        return order if last == "pk" or _is_unique(queryset, last) else (*order, "pk")

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": next_url(self.request, self.cursor)})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {
                    "type": "string",
                    "format": "uri",
                    "nullable": True,
                    "description": "The next page; null on the last one.",
                    "example": None,
                },
            },
        }

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        return [
            _parameter("limit", "How many rows a page holds.", limit),
            _parameter("cursor", "Where to go on: part of the address in `next`.", {"type": "string"}),
        ]


def after(queryset: QuerySet[Any], order: Sequence[str], values: Sequence[Any] | None) -> QuerySet[Any]:
    """The rows behind `values`, the sort key of a row; all of them for None."""
    if values is None:
        return queryset
    beyond, same = Q(pk__in=[]), Q()
    for column, value in zip(order, values, strict=True):
        name = column.removeprefix("-")
        beyond |= same & Q(**{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value})
        same &= Q(**{name: value})
    return queryset.filter(beyond)


def _key(row: Model, order: Sequence[str]) -> list[Any]:
    return [_plain(getattr(row, column.removeprefix("-"))) for column in order]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int) else value.isoformat() if hasattr(value, "isoformat") else str(value)


def _is_unique(queryset: QuerySet[Any], column: str) -> bool:
    return bool(getattr(queryset.model._meta.get_field(column), "unique", False))


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
