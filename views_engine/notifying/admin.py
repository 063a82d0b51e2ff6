"""Channels and deliveries in the admin."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget

from devices.admin.base import AuditedAdmin
from views_engine.notifying import outbox
from views_engine.notifying.api import tried
from views_engine.notifying.models import OPEN, SHORTEST_SECRET, Attempt, Channel, Delivery

COLOURS = {"waiting": "info", "sent": "success", "failed": "warning", "dead": "danger"}
SEVERITY_COLOURS = {"info": "info", "warning": "warning", "critical": "danger"}


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """The secret can be written, and is never shown."""

    new_secret = forms.CharField(
        label="secret",
        required=False,
        min_length=SHORTEST_SECRET,
        max_length=200,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Signs webhooks. Empty leaves it as it is; a new webhook without one gets one, shown once.",
    )

    class Meta:
        model = Channel
        fields = ("name", "kind", "target", "min_severity", "rules", "groups", "enabled")


@admin.register(Channel)
class ChannelAdmin(AuditedAdmin):
    form = ChannelForm
    list_display: ClassVar = ["name", "kind", "target", "severity", "enabled", "waiting"]
    list_filter: ClassVar = ["kind", "enabled"]
    search_fields: ClassVar = ["name"]
    actions: ClassVar = ["send_test"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["kind"] if obj else []

    def save_model(self, request: HttpRequest, obj: Channel, form: Any, change: bool) -> None:
        given = form.cleaned_data.get("new_secret") if obj.transport.signs else ""
        obj.secret = given or obj.secret
        super().save_model(request, obj, form, change)
        if obj.transport.signs and not given and not change:
            messages.success(request, f"The secret of {obj}, shown this once: {obj.secret}")

    @display(description="least severity", ordering="min_severity", label=SEVERITY_COLOURS)
    def severity(self, channel: Channel) -> str:
        return channel.min_severity

    @display(description="not sent yet")
    def waiting(self, channel: Channel) -> int:
        return channel.deliveries.filter(state__in=OPEN).count()

    @admin.action(description="Send a test message to the selected channels", permissions=["change"])
    def send_test(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        for channel in queryset:
            outcome = tried(channel)
            level = messages.SUCCESS if outcome.taken else messages.ERROR
            self.message_user(request, f"{channel}: {outcome.answer}", level)


class AttemptInline(TabularInline):  # type: ignore[misc]
    model = Attempt
    extra = 0
    can_delete = False
    fields: ClassVar = ["at", "seconds", "taken", "answer"]
    readonly_fields: ClassVar = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(ModelAdmin):  # type: ignore[misc]
    """What was told to whom. Nothing of it can be changed; it can be sent again."""

    list_display: ClassVar = ["created_at", "label", "title", "channel", "tone", "attempts", "sent_at", "last_error"]
    list_filter: ClassVar = ["state", "channel", "tone"]
    list_select_related: ClassVar = ["channel"]
    search_fields: ClassVar = ["key", "last_error"]
    inlines: ClassVar = [AttemptInline]
    actions: ClassVar = ["resend"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and bool(super().has_change_permission(request))

    @display(description="state", ordering="state", label=COLOURS)
    def label(self, delivery: Delivery) -> str:
        return delivery.state

    @display(description="what")
    def title(self, delivery: Delivery) -> str:
        alert = delivery.body["alert"]
        return f"{alert['rule_name']}: {alert['device_id']} {delivery.body['change']}"

    @admin.action(description="Send the selected ones again", permissions=["change"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        for delivery in queryset:
            outbox.resend(delivery)
        self.message_user(request, f"{queryset.count()} will be sent again.", messages.SUCCESS)
