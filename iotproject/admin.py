"""How the admin looks as a whole: what our libraries bring wears the same clothes, and what nobody needs is gone."""

from typing import Any

from django.contrib import admin
from django_celery_beat.admin import ClockedScheduleAdmin, CrontabScheduleAdmin, PeriodicTaskAdmin
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from django_celery_results.admin import TaskResultAdmin
from django_celery_results.models import GroupResult, TaskResult
from rest_framework_api_key.models import APIKey
from unfold.admin import ModelAdmin

# Tokens here belong to a device, a gateway or a person; the library's own kind belongs to nobody. Nothing here runs
# by the sun or in groups of tasks.
for model in (
    APIKey,
    SolarSchedule,
    GroupResult,
    PeriodicTask,
    IntervalSchedule,
    CrontabSchedule,
    ClockedSchedule,
    TaskResult,
):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(PeriodicTask)
class PeriodicTaskPage(PeriodicTaskAdmin, ModelAdmin):  # type: ignore[misc]
    """What the beat starts, and when."""


@admin.register(CrontabSchedule)
class CrontabSchedulePage(CrontabScheduleAdmin, ModelAdmin):  # type: ignore[misc]
    """Schedules by the clock."""


@admin.register(ClockedSchedule)
class ClockedSchedulePage(ClockedScheduleAdmin, ModelAdmin):  # type: ignore[misc]
    """Schedules for one moment."""


@admin.register(IntervalSchedule)
class IntervalSchedulePage(ModelAdmin):  # type: ignore[misc]
    """Schedules by interval."""


@admin.register(TaskResult)
class TaskResultPage(TaskResultAdmin, ModelAdmin):  # type: ignore[misc]
    """What became of each task."""


SIDE_BAR: dict[str, list[tuple[str, str, str]]] = {
    "Fleet": [
        ("Devices", "sensors", "devices/device"),
        ("Device types", "category", "devices/devicetype"),
        ("Groups", "folder_open", "devices/group"),
        ("Sites", "location_on", "devices/site"),
        ("Tags", "sell", "devices/tag"),
    ],
    "Access": [
        ("Device tokens", "key", "devices/devicetoken"),
        ("Gateway tokens", "router", "devices/gatewaytoken"),
        ("People's tokens", "badge", "devices/persontoken"),
        ("People", "group", "auth/user"),
        ("Roles", "shield_person", "auth/group"),
        ("Failed logins", "lock_clock", "axes/accessattempt"),
    ],
    "Events": [
        ("Event types", "data_object", "events/eventtype"),
        ("Dead letters", "mail_off", "events/deadletter"),
        ("Segments", "inventory_2", "events/segment"),
    ],
    "Alerts": [
        ("Alerts", "notifications_active", "alerts/alert"),
        ("Rules", "rule", "alerts/rule"),
        ("Decisions", "gavel", "events/controlrecord"),
        ("Channels", "campaign", "notifying/channel"),
        ("Notifications", "outgoing_mail", "notifying/delivery"),
    ],
    "Views": [
        ("Exports", "download", "views_engine/export"),
        ("Snapshots", "photo_camera", "views_engine/snapshotrecord"),
    ],
    "Blackboard": [
        ("Calculators", "memory", "blackboard/calculator"),
        ("Who holds which role", "assignment_ind", "blackboard/role"),
        ("Epochs", "history", "blackboard/epoch"),
        ("Transitions", "swap_horiz", "blackboard/transition"),
    ],
    "Background work": [
        ("Schedule", "schedule", "django_celery_beat/periodictask"),
        ("Task results", "task_alt", "django_celery_results/taskresult"),
    ],
}
"""By what people come for: title, icon and page of every link."""

_DASHBOARD = {"title": "Live dashboard", "icon": "monitoring", "link": "/"}


def navigation(request: Any) -> list[dict[str, Any]]:
    """The side bar, in the form that unfold wants."""
    parts: list[dict[str, Any]] = [
        {"title": title, "items": [_link(*link) for link in links]} for title, links in SIDE_BAR.items()
    ]
    parts[0]["items"].insert(0, _DASHBOARD)
    return parts


def _link(title: str, icon: str, page: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": f"/admin/{page}/", "permission": lambda request: _may(request, page)}


def _may(request: Any, page: str) -> bool:
    app, model = page.split("/")
    return bool(request.user.has_perm(f"{app}.view_{model}"))
