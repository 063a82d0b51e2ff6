"""Event types, dead letters and segments in the admin."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from rest_framework.exceptions import APIException
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from events.api.dead_letters import replayed
from events.models import ControlRecord, DeadLetter, EventType, Segment


@admin.register(EventType)
class EventTypeAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    list_display: ClassVar = ["slug", "name", "unit", "updated_at"]
    search_fields: ClassVar = ["slug", "name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["slug"] if obj else []


class LetterForm(forms.ModelForm):  # type: ignore[type-arg]
    """Only the text can be changed; replaying is an action of the list."""

    mended = forms.CharField(
        label="raw", widget=forms.Textarea(attrs={"rows": 8, "class": "font-mono w-full"}), strip=False
    )

    class Meta:
        model = DeadLetter
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["mended"] = self.instance.text


@admin.register(DeadLetter)
class DeadLetterAdmin(ModelAdmin):  # type: ignore[misc]
    form = LetterForm
    list_display: ClassVar = ["received_at", "reason_label", "device_id", "detail", "replayed_at"]
    list_filter: ClassVar = [
        "reason",
        ("received_at", RangeDateTimeFilter),
        ("replayed_at", admin.EmptyFieldListFilter),
    ]
    list_filter_submit = True
    search_fields: ClassVar = ["device_id", "detail"]
    fields: ClassVar = [
        "reason",
        "detail",
        "pointer",
        "device_id",
        "received_at",
        "shard",
        "arrival",
        "events",
        "replayed_at",
        "mended",
    ]
    readonly_fields: ClassVar = fields[:-1]
    actions: ClassVar = ["replay"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @display(description="reason", ordering="reason", label={"invalid": "danger", "unknown_device": "warning"})
    def reason_label(self, letter: DeadLetter) -> str:
        return letter.reason

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Bytes that are no text are kept as they are unless somebody writes something else."""
        if "mended" in form.changed_data:
            DeadLetter.objects.filter(pk=obj.pk).update(raw=form.cleaned_data["mended"].encode())

    @admin.action(description="Replay the selected letters as they are", permissions=["change"])
    def replay(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> None:
        done = 0
        for letter in queryset:
            try:
                replayed(letter, None, force=False)
                done += 1
            except APIException as error:
                self.message_user(request, f"{letter}: {error.detail}", messages.WARNING)
        self.message_user(request, f"{done} replayed.", messages.SUCCESS if done else messages.INFO)


class ReadOnly(ModelAdmin):  # type: ignore[misc]
    """What nobody makes or changes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ControlRecord)
class ControlAdmin(ReadOnly):
    list_display: ClassVar = ["number", "what", "shard", "created_at"]
    list_filter: ClassVar = ["shard", ("created_at", RangeDateTimeFilter)]
    show_full_result_count = False

    @display(description="what")
    def what(self, record: ControlRecord) -> str:
        body = record.body
        return (
            f"rule {body['rule']}, version {body['version']}" if "rule" in body else f"device {body.get('device_id')}"
        )


@admin.register(Segment)
class SegmentAdmin(ReadOnly):
    list_display: ClassVar = ["path", "shard", "first_position", "last_position", "events", "size", "created_at"]
    list_filter: ClassVar = ["shard"]
