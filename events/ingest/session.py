"""People who send events from a browser: the session of Django, guarded against forged requests as Django does."""

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from io import BytesIO
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from rest_framework.authentication import CSRFCheck

from devices.registry import Speaker
from devices.roles import role_of
from events.ingest.answers import NotTaken

Session = Callable[[Mapping[str, Any]], Awaitable[Speaker | None]]
"""Says who the browser's session belongs to, None without one; raises `NotTaken` 403 for a forged request."""


@sync_to_async(thread_sensitive=False)
def django_session(scope: Mapping[str, Any]) -> Speaker | None:
    close_old_connections()
    request = ASGIRequest(dict(scope), BytesIO())
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    if not isinstance(user, AbstractBaseUser) or not user.is_active:
        return None
    _check_forgery(request)
    return Speaker(kind="person", name=user.get_username(), role=role_of(user), user_id=user.pk)


def _check_forgery(request: ASGIRequest) -> None:
    check = CSRFCheck(lambda _: None)  # type: ignore[arg-type]
    check.process_request(request)
    reason = check.process_view(request, None, (), {})  # type: ignore[arg-type]
    if reason:
        raise NotTaken(403, f"CSRF failed: {reason}")
