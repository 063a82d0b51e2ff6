"""The blackboard in the admin: to look at, and to ask the controller for changes; only it makes them."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from blackboard import queries
from blackboard.asking import Impossible, ask
from blackboard.decisions import Wish
from blackboard.loop import now_ms
from blackboard.models import Calculator, ClosedEpoch, Epoch, Request, Role, Transition


class Watched(ModelAdmin):  # type: ignore[misc]
    """Shown, never edited by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _asks(wish: Wish, description: str) -> Any:
    """An action that asks for `wish` for every calculator selected, and says what comes of it."""

    @admin.action(description=description)
    def asked(admin_: ModelAdmin, request: HttpRequest, calculators: QuerySet[Calculator]) -> None:
        for one in calculators:
            try:
                ask(shard=one.shard, wish=wish, calculator_id=one.pk, by=request.user.get_username())
                messages.success(request, f"{one.name}: asked to {wish}; the answer stands under Requests.")
            except Impossible as reason:
                messages.error(request, f"{one.name}: {reason}")

    asked.__name__ = str(wish)
    return asked


@admin.register(Calculator)
class CalculatorAdmin(Watched):
    list_display: ClassVar = [
        *("name", "shard", "role", "lease", "epoch", "held", "position", "tether_events", "draining", "host", "pid")
    ]
    actions: ClassVar = [
        _asks(Wish.PROMOTE, "Promote: make it live"),
        _asks(Wish.DRAIN, "Drain: take its roles away"),
        _asks(Wish.UNDRAIN, "Undrain: let it have roles again"),
        _asks(Wish.RETIRE, "Retire: forget it, once its process is gone"),
    ]
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


@admin.register(Request)
class RequestAdmin(Watched):
    list_display: ClassVar = ["id", "asked_at", "by", "shard", "wish", "name", "answer"]
    list_filter: ClassVar = ["shard", "wish"]

    @display(description="at", ordering="at")
    def asked_at(self, request: Request) -> str:
        return queries.moment(request.at)


@admin.register(ClosedEpoch)
class ClosedEpochAdmin(Watched):
    list_display: ClassVar = ["number", "shard", "plan", "late_events", "corrections", "seconds", "closed"]
    list_filter: ClassVar = ["shard", "plan"]

    @display(description="served since", ordering="closed_at")
    def closed(self, epoch: ClosedEpoch) -> str:
        return "" if epoch.closed_at is None else queries.moment(epoch.closed_at)
