"""Exports and snapshots in the admin: ask for a file and fetch it; see what a rebuild would start from."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin import EmptyFieldListFilter
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import Http404
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import display

from views_engine import storage
from views_engine.background import enqueue
from views_engine.models import Export, Rebuild, SnapshotRecord

STATUS_COLOURS = {
    Export.Status.WAITING.value: "warning",
    Export.Status.RUNNING.value: "info",
    Export.Status.DONE.value: "success",
    Export.Status.FAILED.value: "danger",
}


@admin.register(Export)
class ExportAdmin(ModelAdmin):  # type: ignore[misc]
    """A new export is started when it is saved; afterwards it can only be looked at, fetched and deleted."""

    list_display: ClassVar = ["what", "event_type", "query", "form", "state", "rows", "size", "created_at", "file"]
    list_filter: ClassVar = ["what", "form", "status"]
    fields: ClassVar = ["what", "event_type", "query", "form"]
    results: ClassVar = ["state", "rows", "size", "error", "requested_by", "created_at", "finished_at", "file"]
    list_select_related: ClassVar = ["requested_by"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return self.fields if obj is None else [*self.fields, *self.results]

    def save_model(self, request: HttpRequest, obj: Export, form: Any, change: bool) -> None:
        obj.requested_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: self._start(request, obj))

    def _start(self, request: HttpRequest, export: Export) -> None:
        if not enqueue("views_engine.tasks.run_export", export.pk):
            text = "The queue of tasks cannot be reached: delete this export and ask again once it can."
            self.message_user(request, text, messages.ERROR)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """One by one: each takes its file along."""
        for export in queryset:
            export.delete()

    def get_urls(self) -> list[Any]:
        own = path("<int:pk>/file", self.admin_site.admin_view(self.download), name="views_engine_export_file")
        return [own, *super().get_urls()]

    def download(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        export = get_object_or_404(Export, pk=pk)
        if not self.has_view_permission(request, export) or not export.path:
            raise Http404("There is no such file.")
        name = export.file_name
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(export.bytes)}
        return StreamingHttpResponse(
            storage.chunks(export.path), content_type="application/octet-stream", headers=headers
        )

    @display(description="status", ordering="status", label=STATUS_COLOURS)
    def state(self, export: Export) -> str:
        return export.status

    @display(description="size", ordering="bytes")
    def size(self, export: Export) -> str:
        return filesizeformat(export.bytes) if export.path else ""

    @display(description="file")
    def file(self, export: Export) -> str:
        if not export.path:
            return ""
        address = reverse("admin:views_engine_export_file", args=[export.pk])
        return format_html('<a href="{}">{}</a>', address, export.file_name)


@admin.register(SnapshotRecord)
class SnapshotAdmin(ModelAdmin):  # type: ignore[misc]
    list_display: ClassVar = [
        "shard",
        "epoch",
        "position",
        "state",
        "events",
        "size",
        "created_at",
        "verified_at",
        "bad",
    ]
    list_filter: ClassVar = ["shard", ("bad", EmptyFieldListFilter)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description="state", ordering="bad", label={"good": "success", "bad": "danger"})
    def state(self, record: SnapshotRecord) -> str:
        return "bad" if record.bad else "good"

    @display(description="size", ordering="bytes")
    def size(self, record: SnapshotRecord) -> str:
        return filesizeformat(record.bytes)


@admin.register(Rebuild)
class RebuildAdmin(ModelAdmin):  # type: ignore[misc]
    list_display: ClassVar = ["__str__", "shard", "state", "done_events", "all_events", "requested_at", "finished_at"]
    list_filter: ClassVar = ["shard", "status"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description="status", ordering="status", label=STATUS_COLOURS)
    def state(self, rebuild: Rebuild) -> str:
        return rebuild.status
