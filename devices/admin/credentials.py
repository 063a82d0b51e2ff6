"""Tokens: listed without their secrets, rotated, revoked."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from devices import tokens
from devices.admin.base import AuditedAdmin, back, show_secret
from devices.models import DeviceToken, GatewayToken, PersonToken, Token
from devices.models.credential import Issued

_ROTATE = {
    "title": "Rotate this token?",
    "description": "A new one is made and shown once; this one works for another day.",
    "form_class": None,
    "form_submit_text": "Rotate",
}
_REVOKE = {
    "title": "Revoke this token?",
    "description": "Within five seconds it is refused everywhere. This cannot be undone.",
    "form_class": None,
    "form_submit_text": "Revoke",
}


class TokenAdmin(AuditedAdmin):
    """Never deletes: a revoked token stays to tell that it was there."""

    list_display: Any = ["prefix", "name", "state", "created", "expiry_date"]
    list_filter: Any = ["revoked", ("created", RangeDateTimeFilter)]
    search_fields = ["prefix", "name"]
    readonly_fields: Any = ["prefix", "created", "revoked"]
    ordering = ["-created"]
    actions = ["revoke_selected"]
    actions_detail = ["rotate", "revoke"]

    def has_delete_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return False

    @display(description="state", label={"valid": "success", "expired": "warning", "revoked": "danger"})
    def state(self, token: Token) -> str:
        return "revoked" if token.revoked else "expired" if token.has_expired else "valid"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            show_secret(request, Issued(obj, type(obj).objects.assign_key(obj)))
        super().save_model(request, obj, form, change)

    @action(description="Rotate", permissions=["change"], dialog=_ROTATE)
    def rotate(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        try:
            show_secret(request, tokens.rotate(self.model.objects.get(pk=object_id)))
        except (tokens.TooManyTokens, tokens.NotUsable) as error:
            messages.error(request, str(error))
        return back(request, self._list())

    @action(description="Revoke", permissions=["change"], dialog=_REVOKE)
    def revoke(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        tokens.revoke(self.model.objects.get(pk=object_id))
        messages.success(request, "The token is revoked.")
        return back(request, self._list())

    @admin.action(description="Revoke the selected tokens", permissions=["change"])
    def revoke_selected(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        for token in chosen:
            tokens.revoke(token)
        messages.success(request, f"{len(chosen)} tokens are revoked.")

    def _list(self) -> str:
        return reverse(f"admin:devices_{self.opts.model_name}_changelist")


@admin.register(DeviceToken)
class DeviceTokenAdmin(TokenAdmin):
    list_display = ["prefix", "device", "name", "state", "created", "expiry_date"]
    list_select_related = ["device"]
    search_fields = ["prefix", "name", "device__device_id", "device__name"]
    readonly_fields = ["device", "prefix", "created", "revoked"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are made on the page of their device."""
        return False


@admin.register(GatewayToken)
class GatewayTokenAdmin(TokenAdmin):
    list_display = ["prefix", "name", "registers", "state", "created", "expiry_date"]
    list_filter = ["registers", "revoked", ("created", RangeDateTimeFilter)]


@admin.register(PersonToken)
class PersonTokenAdmin(TokenAdmin):
    list_display = ["prefix", "user", "name", "state", "created", "expiry_date"]
    list_select_related = ["user"]
    search_fields = ["prefix", "name", "user__username"]
    autocomplete_fields = ["user"]

    def get_readonly_fields(self, request: HttpRequest, obj: Token | None = None) -> list[str]:
        return [*self.readonly_fields, "user"] if obj else list(self.readonly_fields)
