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


def _link(title: str, icon: str, page: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": f"/admin/{page}/", "permission": lambda request: _may(request, page)}


def _may(request: Any, page: str) -> bool:
    app, model = page.split("/")
    return bool(request.user.has_perm(f"{app}.view_{model}"))


def navigation(request: Any) -> list[dict[str, Any]]:
    """The side bar, by what people come for."""
    return [
        {
            "title": "Fleet",
            "items": [
                {"title": "Live dashboard", "icon": "monitoring", "link": "/"},
                _link("Devices", "sensors", "devices/device"),
                _link("Device types", "category", "devices/devicetype"),
                _link("Groups", "folder_open", "devices/group"),
                _link("Sites", "location_on", "devices/site"),
                _link("Tags", "sell", "devices/tag"),
            ],
        },
        {
            "title": "Access",
            "items": [
                _link("Device tokens", "key", "devices/devicetoken"),
                _link("Gateway tokens", "router", "devices/gatewaytoken"),
                _link("People's tokens", "badge", "devices/persontoken"),
                _link("People", "group", "auth/user"),
                _link("Roles", "shield_person", "auth/group"),
                _link("Failed logins", "lock_clock", "axes/accessattempt"),
            ],
        },
        {
            "title": "Events",
            "items": [
                _link("Event types", "data_object", "events/eventtype"),
                _link("Dead letters", "mail_off", "events/deadletter"),
                _link("Segments", "inventory_2", "events/segment"),
            ],
        },
        {
            "title": "Views",
            "items": [
                _link("Exports", "download", "views_engine/export"),
                _link("Snapshots", "photo_camera", "views_engine/snapshotrecord"),
            ],
        },
        {
            "title": "Blackboard",
            "items": [
                _link("Calculators", "memory", "blackboard/calculator"),
                _link("Who holds which role", "assignment_ind", "blackboard/role"),
                _link("Epochs", "history", "blackboard/epoch"),
                _link("Transitions", "swap_horiz", "blackboard/transition"),
            ],
        },
        {
            "title": "Background work",
            "items": [
                _link("Schedule", "schedule", "django_celery_beat/periodictask"),
                _link("Task results", "task_alt", "django_celery_results/taskresult"),
            ],
        },
    ]
