"""The blackboard in the admin: to look at; only the controller changes it."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from blackboard import queries
from blackboard.loop import now_ms
from blackboard.models import Calculator, Epoch, Role, Transition


class Watched(ModelAdmin):  # type: ignore[misc]
    """Shown, never edited by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Calculator)
class CalculatorAdmin(Watched):
    list_display: ClassVar = ["name", "shard", "role", "lease", "epoch", "position", "tether_events", "host", "pid"]
    list_filter: ClassVar = ["shard"]
    search_fields: ClassVar = ["name", "host"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("roles")

    @display(description="role", label={"live": "success", "next": "info", "support": "warning"})
    def role(self, calculator: Calculator) -> str:
        held = [role.name for role in calculator.roles.all() if role.incarnation == calculator.incarnation]
        return held[0] if held else "support"

    @display(description="lease", label={"runs": "success", "ran out": "danger"})
    def lease(self, calculator: Calculator) -> str:
        return "runs" if now_ms() < calculator.lease_until else "ran out"


@admin.register(Role)
class RoleAdmin(Watched):
    list_display: ClassVar = ["shard", "name", "calculator", "fence", "held_since"]
    list_filter: ClassVar = ["shard", "name"]
    list_select_related: ClassVar = ["calculator"]

    @display(description="since", ordering="since")
    def held_since(self, role: Role) -> str:
        return queries.moment(role.since)


@admin.register(Epoch)
class EpochAdmin(Watched):
    list_display: ClassVar = ["shard", "number", "position", "served_since"]

    @display(description="since", ordering="since")
    def served_since(self, epoch: Epoch) -> str:
        return queries.moment(epoch.since)


@admin.register(Transition)
class TransitionAdmin(Watched):
    list_display: ClassVar = ["id", "happened_at", "shard", "role", "calculator", "change", "reason"]
    list_filter: ClassVar = ["shard", "role", "change"]
    search_fields: ClassVar = ["calculator", "reason"]

    @display(description="at", ordering="at")
    def happened_at(self, transition: Transition) -> str:
        return queries.moment(transition.at)
