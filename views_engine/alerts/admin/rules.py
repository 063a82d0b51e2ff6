"""Rules in the admin: made and changed, turned on and off, tried on the past."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from devices.admin.base import AuditedAdmin, back
from views_engine.alerts import backtest
from views_engine.alerts.admin.bars import bars
from views_engine.alerts.admin.forms import RuleForm
from views_engine.alerts.models import Rule
from views_engine.reading import Unavailable

SEVERITIES = {"info": "info", "warning": "warning", "critical": "danger"}


class StretchForm(forms.Form):
    """The stretch of the past to judge."""

    begin = forms.SplitDateTimeField(label="from", widget=UnfoldAdminSplitDateTimeWidget)
    end = forms.SplitDateTimeField(label="to", widget=UnfoldAdminSplitDateTimeWidget)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "begin" in cleaned and "end" in cleaned and cleaned["begin"] > cleaned["end"]:
            self.add_error("begin", "The beginning lies after the end.")
        return cleaned


@admin.register(Rule)
class RuleAdmin(AuditedAdmin):
    form = RuleForm
    list_display: ClassVar = [
        "name",
        "kind",
        "event_type",
        "of_severity",
        "state",
        "version",
        "effective_from",
        "updated_by",
    ]
    list_filter: ClassVar = ["kind", "severity", "enabled"]
    list_select_related: ClassVar = ["updated_by"]
    search_fields: ClassVar = ["name"]
    readonly_fields: ClassVar = ["state", "version", "stopped_reason", "created_by", "updated_by", "updated_at"]
    actions: ClassVar = ["enable_selected", "disable_selected"]
    actions_detail: ClassVar = ["try_on_the_past", "turn"]
    fieldsets: ClassVar = [
        (None, {"fields": ["name", "kind", "event_type", "severity", "parameters", "enabled", "effective_from"]}),
        ("Whom it judges", {"fields": ["devices", "device_types", "groups", "tags"]}),
        ("Corrections", {"fields": ["notify", "max_lateness_s"]}),
        ("Versions", {"fields": readonly_fields}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        found: QuerySet[Rule] = super().get_queryset(request).filter(deleted_at=None)
        return found

    @display(description="severity", ordering="severity", label=SEVERITIES)
    def of_severity(self, rule: Rule) -> str:
        return rule.severity

    @display(description="state", label={"on": "success", "off": "warning", "stopped": "danger"})
    def state(self, rule: Rule) -> str:
        return "on" if rule.enabled else "stopped" if rule.stopped_reason else "off"

    def save_model(self, request: HttpRequest, obj: Rule, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        obj.updated_by = request.user  # type: ignore[assignment]
        if obj.enabled:
            obj.stopped_reason = ""
        if "effective_from" not in form.changed_data and obj.judges_otherwise():
            obj.effective_from = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.action(description="Enable the selected rules", permissions=["change"])
    def enable_selected(self, request: HttpRequest, chosen: QuerySet[Rule]) -> None:
        _turn(request, chosen, on=True)

    @admin.action(description="Disable the selected rules", permissions=["change"])
    def disable_selected(self, request: HttpRequest, chosen: QuerySet[Rule]) -> None:
        _turn(request, chosen, on=False)

    @action(
        description="Turn on or off",
        permissions=["change"],
        dialog={
            "title": "Turn this rule on or off?",
            "description": "From now on; what it said of earlier observations stays.",
            "form_class": None,
            "form_submit_text": "Turn",
        },
    )
    def turn(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        rule = get_object_or_404(Rule.objects.present(), pk=object_id)
        _turn(request, Rule.objects.filter(pk=rule.pk), on=not rule.enabled)
        return back(request, reverse("admin:alerts_rule_change", args=[rule.pk]))

    @action(description="Back-test", permissions=["view"], url_path="backtest")
    def try_on_the_past(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rule = get_object_or_404(Rule.objects.present(), pk=object_id)
        form = StretchForm(request.GET if "begin_0" in request.GET else _last_month())
        context = {
            **self.admin_site.each_context(request),
            "title": f"What {rule} would have said",
            "opts": self.opts,
            "rule": rule,
            "form": form,
            **(_trial(rule, form) if form.is_valid() else {}),
        }
        return TemplateResponse(request, "admin/alerts/backtest.html", context)


def _turn(request: HttpRequest, chosen: QuerySet[Rule], *, on: bool) -> None:
    for rule in chosen:
        rule.updated_by = request.user  # type: ignore[assignment]
        rule.turn(on=on)
    messages.success(request, f"{len(chosen)} turned {'on' if on else 'off'}.")


def _last_month() -> dict[str, str]:
    end = timezone.now().replace(second=0, microsecond=0)
    begin = end - backtest.MONTH
    return {
        f"{name}_{place}": moment.strftime(form)
        for name, moment in (("begin", begin), ("end", end))
        for place, form in enumerate(("%Y-%m-%d", "%H:%M:%S"))
    }


def _trial(rule: Rule, form: StretchForm) -> dict[str, Any]:
    begin, end = form.cleaned_data["begin"], form.cleaned_data["end"]
    try:
        trial = backtest.run(rule, begin, end)
    except Unavailable as error:
        return {"unavailable": error.reason}
    starts = [_moment(each.started_at) for each in trial.intervals]
    rows = [
        {
            "device_id": each.device_id,
            "started_at": _moment(each.started_at),
            "raised_at": _moment(each.raised_at),
            "cleared_at": None if each.cleared_at is None else _moment(each.cleared_at),
            "value": None if each.value is None else each.value / 1_000_000,
        }
        for each in trial.intervals
    ]
    return {"trial": trial, "rows": rows, "bars": bars(starts, begin, end)}


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
