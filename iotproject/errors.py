"""What a client hears when no view answers: a problem (RFC 9457) under /api/, a page elsewhere."""

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem(404, f"There is nothing at {request.path}.")
    return defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(400, "The request cannot be understood.") if _is_api(request) else _bad_page(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem(403, "This is not allowed.")
    return defaults.permission_denied(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that is away is no mistake of ours, and asking again helps."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        answer = problem(503, "The database does not answer; ask again in a moment.")
        answer.headers["Retry-After"] = "1"
        return answer
    if _is_api(request):
        return problem(500, "Something went wrong here; the log says what.")
    return defaults.server_error(request)


def problem(status: int, detail: str) -> HttpResponse:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def _bad_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    return defaults.bad_request(request, exception)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
