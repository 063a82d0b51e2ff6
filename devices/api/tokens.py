"""/devices/{device_id}/tokens and /tokens/{id}."""

from datetime import timedelta
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices import tokens
from devices.api.serializers import (
    IssuedTokenSerializer,
    NewTokenSerializer,
    RotationSerializer,
    TokenSerializer,
)
from devices.models import Device, DeviceToken, PersonToken, Token
from devices.models.credential import Issued
from devices.parameters import KnownParameters
from devices.problems import Conflict
from devices.roles import Role, role_of

ID = OpenApiParameter("id", str, OpenApiParameter.PATH)
ISSUED = OpenApiExample(
    "A new token",
    response_only=True,
    status_codes=["201"],
    value={
        "id": "5b3c9f02d1a84e77",
        "token": "d4fTq0Zb.Zk3vQ9sYc1WmT7uXe5RbN8hJp2LgDaVf",
        "prefix": "d4fTq0Zb",
        "created_at": "2026-01-31T12:00:00.000Z",
        "expires_at": None,
    },
)


class DeviceTokensView(KnownParameters, GenericAPIView[DeviceToken]):
    serializer_class = TokenSerializer
    queryset = DeviceToken.objects.none()
    ordering = ("-created", "pk")

    @extend_schema(responses=TokenSerializer(many=True))
    def get(self, request: Request, device_id: str) -> Response:
        """The tokens of a device, the newest first, without their secrets."""
        of_device = DeviceToken.objects.filter(device=_device(device_id))
        page = self.paginate_queryset(of_device)
        return self.get_paginated_response(TokenSerializer(page, many=True).data)

    @extend_schema(request=NewTokenSerializer, responses={201: IssuedTokenSerializer}, examples=[ISSUED])
    def post(self, request: Request, device_id: str) -> Response:
        """Makes a token and shows it, this once. A device has two valid ones at most."""
        device = _device(device_id)
        asked = NewTokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            return _shown(tokens.issue_device_token(device, **asked.validated_data))
        except tokens.TooManyTokens as error:
            raise Conflict(str(error)) from error


class TokenView(KnownParameters, APIView):
    @extend_schema(parameters=[ID], request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        """Revokes a token: within five seconds it is refused everywhere."""
        tokens.revoke(_token(request, id))
        return Response(status=204)


class RotateTokenView(KnownParameters, APIView):
    @extend_schema(
        parameters=[ID], request=RotationSerializer, responses={201: IssuedTokenSerializer}, examples=[ISSUED]
    )
    def post(self, request: Request, id: str) -> Response:
        """Makes a new token and shows it, this once; the old one goes on working for `overlap_s`."""
        asked = RotationSerializer(data=request.data or {})
        asked.is_valid(raise_exception=True)
        overlap = asked.validated_data.get("overlap_s")
        token = _token(request, id)
        try:
            return _shown(tokens.rotate(token, **({} if overlap is None else {"overlap": timedelta(seconds=overlap)})))
        except (tokens.TooManyTokens, tokens.NotUsable) as error:
            raise Conflict(str(error)) from error


def _device(device_id: str) -> Device:
    return get_object_or_404(Device, device_id=device_id)


def _token(request: Request, token_id: str) -> Token:
    """The token; those of gateways and people are for administrators and for the person whose it is."""
    token = tokens.find(token_id)
    if token is None:
        raise Http404(f"There is no token {token_id}.")
    own = isinstance(token, PersonToken) and token.user == request.user
    if not (own or isinstance(token, DeviceToken) or role_of(request.user) == Role.ADMINISTRATOR):
        raise PermissionDenied(f"A {token.kind} token is for administrators.")
    return token


def _shown(issued: Issued) -> Response:
    token = issued.token
    body: dict[str, Any] = {
        "id": token.pk,
        "token": issued.secret,
        "prefix": token.prefix,
        "created_at": token.created,
        "expires_at": token.expiry_date,
    }
    return Response(IssuedTokenSerializer(body).data, status=201)
