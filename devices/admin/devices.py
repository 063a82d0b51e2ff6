"""Devices: found by what they belong to, sorted many at a time, given tokens."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter, RelatedDropdownFilter
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.decorators import action, display

from devices import tokens
from devices.admin.base import AuditedAdmin, back, show_secret
from devices.admin.labelling import label_selected
from devices.admin.resources import DeviceResource
from devices.models import Device, DeviceToken


class TokenInline(TabularInline):  # type: ignore[misc]
    model = DeviceToken
    fields = readonly_fields = ["prefix", "name", "created", "expiry_date", "revoked"]
    extra = 0
    can_delete = False
    tab = True
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Device | None = None) -> bool:
        return False


@admin.register(Device)
class DeviceAdmin(AuditedAdmin, ImportExportModelAdmin):  # type: ignore[misc]
    resource_classes = [DeviceResource]
    formats = [CSV]
    import_form_class, export_form_class = ImportForm, ExportForm
    list_display = ["device_id", "name", "device_type", "site", "of_groups", "of_tags", "valid_tokens", "registered_at"]
    list_filter = [
        ("device_type", RelatedDropdownFilter),
        ("site", RelatedDropdownFilter),
        ("groups", RelatedDropdownFilter),
        ("tags", RelatedDropdownFilter),
        ("registered_at", RangeDateTimeFilter),
    ]
    search_fields = ["device_id", "name", "tags__name", "notes"]
    fields = [
        "device_id",
        "name",
        "device_type",
        "site",
        "groups",
        "tags",
        "offline_after_s",
        "notes",
        "registered_at",
    ]
    search_help_text = "Device id, name, tag or notes"
    autocomplete_fields = ["device_type", "site", "groups", "tags"]
    inlines = [TokenInline]
    actions = [label_selected]
    actions_detail = ["create_token"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Device]:
        valid = Prefetch("tokens", DeviceToken.objects.valid(), to_attr="usable_tokens")
        devices: QuerySet[Device] = super().get_queryset(request)
        return devices.select_related("device_type", "site").prefetch_related("groups", "tags", valid)

    def get_readonly_fields(self, request: HttpRequest, obj: Device | None = None) -> list[str]:
        return ["device_id", "registered_at"] if obj else ["registered_at"]

    @display(description="groups")
    def of_groups(self, device: Device) -> str:
        return ", ".join(group.name for group in device.groups.all())

    @display(description="tags", label=True)
    def of_tags(self, device: Device) -> str:
        return ", ".join(tag.name for tag in device.tags.all())

    @display(description="valid tokens")
    def valid_tokens(self, device: Device) -> int:
        return len(getattr(device, "usable_tokens", ()))

    def has_issue_token_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Named, not dotted: unfold looks a dotted permission up in the database, which may not be migrated yet."""
        return request.user.has_perm("devices.add_devicetoken")

    @action(
        description="New token",
        permissions=["issue_token"],
        dialog={
            "title": "A new token",
            "description": "It is shown on the next page, once. A device has two valid tokens at most.",
            "form_class": None,
            "form_submit_text": "Make it",
        },
    )
    def create_token(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        try:
            show_secret(request, tokens.issue_device_token(Device.objects.get(pk=object_id)))
        except tokens.TooManyTokens as error:
            messages.error(request, str(error))
        return back(request, reverse("admin:devices_device_change", args=[object_id]))
