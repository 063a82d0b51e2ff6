"""Alerts in the admin: found, acknowledged and assigned many at a time; each with its revisions and comments."""

import json
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from events.event import MICRO
from views_engine.alerts import people
from views_engine.alerts.api.shapes import revision as shown
from views_engine.alerts.models import Alert, Comment, Revision
from views_engine.api.times import iso

SEVERITY_COLOURS = {"info": "info", "warning": "warning", "critical": "danger"}
STATE_COLOURS = {"open": "danger", "cleared": "success", "withdrawn": "info"}


class Acknowledged(admin.SimpleListFilter):
    """Seen by somebody, or by nobody yet."""

    title = "acknowledged"
    parameter_name = "acknowledged"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "Not yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        if self.value() is None:
            return queryset
        return queryset.filter(acknowledged_at__isnull=self.value() == "no")


class RevisionInline(TabularInline):  # type: ignore[misc]
    """What became of it; nobody can change that."""

    model = Revision
    fields = readonly_fields = ["revision", "when", "change", "before_and_after", "epoch", "because"]
    extra = 0
    can_delete = False
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description="at")
    def when(self, revision: Revision) -> str:
        return iso(revision.at)

    @display(description="from → to")
    def before_and_after(self, revision: Revision) -> str:
        row = shown(revision)
        return f"{json.dumps(row['from'])} → {json.dumps(row['to'])}"

    @display(description="because of")
    def because(self, revision: Revision) -> str:
        cause = revision.cause
        return f"{cause['event_type']} of {cause['observed_at']} ({cause['event_id']})" if cause else ""


class CommentInline(TabularInline):  # type: ignore[misc]
    """One can say something more, and take nothing back."""

    model = Comment
    fields = ["text", "author", "at"]
    readonly_fields = ["author", "at"]
    extra = 0
    can_delete = False
    tab = True

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Alert)
class AlertAdmin(ModelAdmin):  # type: ignore[misc]
    """The mirror makes alerts and changes them; people say who cares for them, and what they saw."""

    list_display: ClassVar = [
        "id",
        "rule_name",
        "device_id",
        "level",
        "stands",
        "started",
        "over",
        "most",
        "seen",
        "assignee",
    ]
    list_filter: ClassVar = [
        "state",
        "severity",
        Acknowledged,
        ("rule", RelatedDropdownFilter),
        ("assignee", RelatedDropdownFilter),
    ]
    list_filter_submit = True
    list_select_related: ClassVar = ["acknowledged_by", "assignee"]
    search_fields: ClassVar = ["device_id", "rule_name"]
    search_help_text = "Device id or name of the rule"
    show_full_result_count = False
    fields: ClassVar = [
        "rule",
        "device_id",
        "level",
        "stands",
        "merged_into",
        ("started", "raised", "over"),
        "most",
        "seen",
        "assignee",
    ]
    readonly_fields: ClassVar = [
        "rule",
        "device_id",
        "level",
        "stands",
        "merged_into",
        "started",
        "raised",
        "over",
        "most",
        "seen",
    ]
    inlines: ClassVar = [RevisionInline, CommentInline]
    actions: ClassVar = ["acknowledge", "assign_to_me", "assign_to_nobody"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(
            db_field, request, **kwargs, queryset=User.objects.filter(is_active=True).order_by("username")
        )

    def save_model(self, request: HttpRequest, obj: Alert, form: Any, change: bool) -> None:
        """Only what is people's: meanwhile the mirror may have changed the rest."""
        obj.save(update_fields=["assignee"])

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for one in formset.save(commit=False):
            one.author = request.user
            one.save()

    @admin.action(description="Acknowledge the selected alerts", permissions=["change"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        count = people.acknowledge(_ids(queryset), request.user)  # type: ignore[arg-type]
        self.message_user(request, f"{count} acknowledged.", messages.SUCCESS if count else messages.INFO)

    @admin.action(description="Assign the selected alerts to me", permissions=["change"])
    def assign_to_me(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        count = people.assign(_ids(queryset), request.user)  # type: ignore[arg-type]
        self.message_user(request, f"{count} assigned to you.", messages.SUCCESS)

    @admin.action(description="Assign the selected alerts to nobody", permissions=["change"])
    def assign_to_nobody(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        self.message_user(request, f"{people.assign(_ids(queryset), None)} assigned to nobody.", messages.SUCCESS)

    @display(description="severity", ordering="severity", label=SEVERITY_COLOURS)
    def level(self, alert: Alert) -> str:
        return alert.severity

    @display(description="state", ordering="state", label=STATE_COLOURS)
    def stands(self, alert: Alert) -> str:
        return alert.state

    @display(description="started", ordering="started_at")
    def started(self, alert: Alert) -> str:
        return iso(alert.started_at)

    @display(description="raised", ordering="raised_at")
    def raised(self, alert: Alert) -> str:
        return iso(alert.raised_at)

    @display(description="cleared", ordering="cleared_at")
    def over(self, alert: Alert) -> str:
        return "" if alert.cleared_at is None else iso(alert.cleared_at)

    @display(description="value", ordering="value")
    def most(self, alert: Alert) -> str:
        return "" if alert.value is None else f"{alert.value / MICRO:g}"

    @display(description="acknowledged", ordering="acknowledged_at")
    def seen(self, alert: Alert) -> str:
        return (
            ""
            if alert.acknowledged_at is None
            else f"{alert.acknowledged_by or 'somebody'}, {alert.acknowledged_at:%Y-%m-%d %H:%M}"
        )


def _ids(alerts: QuerySet[Alert]) -> list[int]:
    return list(alerts.values_list("pk", flat=True))
