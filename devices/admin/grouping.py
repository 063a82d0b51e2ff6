"""Groups, sites, tags and types of devices."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from devices.admin.base import AuditedAdmin
from devices.models import DeviceType, Group, Site, Tag


class Counting(ModelAdmin):  # type: ignore[misc]
    """Lists with the number of devices."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        counted: QuerySet[Group] = super().get_queryset(request).annotate(devices_count=Count("devices"))
        return counted

    @display(description="devices", ordering="devices_count")
    def devices_count(self, row: Group) -> int:
        return int(getattr(row, "devices_count", 0))


@admin.register(Group)
class GroupAdmin(Counting, AuditedAdmin):
    list_display = ["name", "description", "devices_count"]
    search_fields = ["name", "description"]


@admin.register(Site)
class SiteAdmin(Counting, AuditedAdmin):
    list_display = ["name", "latitude", "longitude", "devices_count"]
    search_fields = ["name"]


@admin.register(Tag)
class TagAdmin(Counting):
    list_display = ["name", "devices_count"]
    search_fields = ["name"]


@admin.register(DeviceType)
class DeviceTypeAdmin(Counting, AuditedAdmin):
    list_display = ["slug", "name", "offline_after_s", "devices_count"]
    search_fields = ["slug", "name"]
    prepopulated_fields = {"slug": ["name"]}
