"""Who asks: the bearer of a token. People in a browser come by their session."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from devices.registry import Speaker, get_registry


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. A person becomes `request.user`; of a device or a gateway only `request.auth`,
    a Speaker, tells."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Speaker] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        speaker = get_registry().speaker(token.strip())
        if speaker is None:
            raise AuthenticationFailed("The token is unknown, revoked or expired.")
        return _user_of(speaker), speaker

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _user_of(speaker: Speaker) -> User | AnonymousUser:
    if speaker.user_id is None:
        return AnonymousUser()
    user: Any = User.objects.filter(pk=speaker.user_id, is_active=True).first()
    if user is None:
        raise AuthenticationFailed("The person of this token may not log in any more.")
    return user  # type: ignore[no-any-return]
