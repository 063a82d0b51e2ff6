"""Errors as clients of the API read them: problem+json (RFC 9457)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse
from rest_framework import exceptions

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 1000
"""More are counted, not listed."""

_CODES = {"required": "missing", "null": "missing", "not_a_list": "wrong_type", "not_a_dict": "wrong_type"}


class BadParameter(exceptions.APIException):
    """400: a parameter of the query that is unknown, given twice or nonsense."""

    status_code = 400
    default_code = "bad_parameter"


class TooLarge(exceptions.APIException):
    status_code = 413
    default_detail = "The body is too large."
    default_code = "too_large"


class Conflict(exceptions.APIException):
    status_code = 409
    default_code = "conflict"


class Unavailable(exceptions.APIException):
    """503: nobody can answer now; `wait` (seconds) becomes Retry-After."""

    status_code = 503
    default_code = "unavailable"

    def __init__(self, detail: str, *, wait: float = 1) -> None:
        super().__init__(detail)
        self.wait = wait


class RowErrors(exceptions.APIException):
    """400 with a ready list of errors `{index?, line?, pointer, code, detail}`."""

    status_code = 400
    default_code = "invalid"

    def __init__(self, detail: str, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(detail)
        self.errors = errors


def problem(
    status: int, detail: str, *, errors: Sequence[Mapping[str, Any]] | None = None, title: str | None = None
) -> dict[str, Any]:
    """The body of a problem; `errors` are listed up to `MAX_ERRORS`."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors is not None:
        body["errors"] = list(errors[:MAX_ERRORS])
    return body


def handler(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """REST framework's exception handler. Never goes through the renderer that was negotiated: a problem is JSON
    also where a table was asked for. None for what is no answer to a client; Django then makes it a 500."""
    from rest_framework.views import exception_handler  # its module loads ours by the settings

    if isinstance(exc, OperationalError | InterfaceError):
        log.error("database_away", reason=str(exc))
        exc = Unavailable("The database does not answer; ask again in a moment.")
    response = exception_handler(exc, context)
    if response is None:
        return None
    errors = getattr(exc, "errors", None)
    if isinstance(exc, exceptions.ValidationError):
        errors = list(flatten(exc.get_full_details()))
    body = problem(response.status_code, _sentence(exc, errors), errors=errors)
    headers = {name: response[name] for name in ("WWW-Authenticate", "Retry-After", "Allow") if name in response}
    return JsonResponse(body, status=response.status_code, content_type=MEDIA_TYPE, headers=headers)


def flatten(details: Any, pointer: str = "", index: int | None = None) -> Iterator[dict[str, Any]]:
    """REST framework's nested details as a list, each with the RFC 6901 pointer of the member it speaks of.

    In an array of objects `index` says which one, and the pointer starts inside it.
    """
    if isinstance(details, Mapping) and _is_leaf(details):
        yield _error(details, pointer, index)
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            if isinstance(name, int) and not pointer and index is None:
                yield from flatten(inner, "", name)
            else:
                yield from flatten(inner, pointer + _step(name), index)
    else:
        for inner in details:
            yield from flatten(inner, pointer, index)


def _is_leaf(details: Mapping[Any, Any]) -> bool:
    return set(details) == {"message", "code"} and not isinstance(details["message"], list | dict)


def _error(leaf: Mapping[str, Any], pointer: str, index: int | None) -> dict[str, Any]:
    code = str(leaf["code"])
    error = {"pointer": pointer, "code": _CODES.get(code, code), "detail": str(leaf["message"])}
    return error if index is None else {"index": index, **error}


def _step(name: Any) -> str:
    return "" if name == "non_field_errors" else "/" + str(name).replace("~", "~0").replace("/", "~1")


def _sentence(exc: Exception, errors: Iterable[Any] | None) -> str:
    if isinstance(exc, exceptions.ValidationError):
        found = list(errors or ())
        return str(found[0]["detail"]) if len(found) == 1 else f"{len(found)} members are not valid."
    return str(getattr(exc, "detail", None) or exc)
