"""Who may look: signed-in people with a role, on pages; on sockets also only from a page of this very site."""

from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host

from devices.roles import Role, role_of

Page = Callable[..., HttpResponse]


def same_site(scope: Mapping[str, Any]) -> bool:
    """Whether the Origin is the host (with its port) that was asked, or a trusted one. Without an Origin: no."""
    headers = dict(scope.get("headers", ()))
    origin = headers.get(b"origin", b"").decode("latin-1").lower()
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    ours = validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
    return bool(ours) and origin in (f"http://{host}", f"https://{host}")


@database_sync_to_async
def may_look(scope: Mapping[str, Any]) -> bool:
    return role_of(scope.get("user")) is not None


async def may_still_look(scope: Mapping[str, Any]) -> bool:
    """Whether the session still holds: not signed out elsewhere, not expired, the person still in a role."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(scope["session"].session_key)
    return bool(await may_look({"user": await get_user({"session": store})}))


def viewers_only(page: Page) -> Page:
    """Sends strangers to the sign-in page; 403 for people without a role."""

    @login_required
    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **names: Any) -> HttpResponse:
        if role_of(request.user) is None:
            raise PermissionDenied("You have no role here yet.")
        return page(request, *args, **names)

    return guarded


def may_act(request: HttpRequest) -> bool:
    """Whether this person may do more than look."""
    role = role_of(request.user)
    return role is not None and role.includes(Role.OPERATOR)
