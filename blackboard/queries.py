"""What the API and the admin show of the blackboard."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from blackboard.decisions import RoleName
from blackboard.models import Calculator, Request, Role, Transition


def calculators(now: int) -> list[dict[str, Any]]:
    """Every calculator with its role and lease, by shard and name."""
    roles = {(held.calculator_id, held.incarnation): held for held in Role.objects.all()}
    return [_calculator(row, roles.get((row.pk, row.incarnation)), now) for row in Calculator.objects.all()]


def _calculator(row: Calculator, held: Role | None, now: int) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "host": row.host,
        "pid": row.pid,
        "shard": row.shard,
        "role": held.name if held else RoleName.SUPPORT.value,
        "fence": held.fence if held else 0,
        "position": row.position,
        "epoch": row.epoch,
        "held": row.held or None,
        "ready": row.ready,
        "draining": row.draining,
        "tether_events": row.tether_events,
        "tether_seconds": row.tether_seconds,
        "registered_at": moment(row.registered_at),
        "lease": {"until": moment(row.lease_until), "valid": now < row.lease_until},
    }


@dataclass(frozen=True, slots=True)
class Place:
    """Where a calculator whose lease runs answers, what it is for, and how far it was at its last beat."""

    name: str
    address: str
    role: RoleName
    epoch: int
    position: int
    tether_seconds: float


def places(shard: int, now: int) -> list[Place]:
    """The living calculators of a shard, by name."""
    roles = {(held.calculator_id, held.incarnation): RoleName(held.name) for held in Role.objects.filter(shard=shard)}
    rows = Calculator.objects.filter(shard=shard, lease_until__gt=now).order_by("name")
    return [_place(row, roles.get((row.pk, row.incarnation), RoleName.SUPPORT)) for row in rows]


def _place(row: Calculator, role: RoleName) -> Place:
    return Place(row.name, row.address, role, row.epoch, row.position, row.tether_seconds)


def requests(limit: int) -> Iterable[Request]:
    """What people asked for, the newest first."""
    return Request.objects.all()[:limit]


def asked(row: Request) -> dict[str, Any]:
    return {
        "id": row.pk,
        "at": moment(row.at),
        "by": row.by,
        "shard": row.shard,
        "wish": row.wish,
        "calculator": row.name or None,
        "answer": row.answer or None,
        "answered_at": None if row.answered_at is None else moment(row.answered_at),
    }


def transitions(limit: int) -> Iterable[Transition]:
    """The newest changes of role first."""
    return Transition.objects.all()[:limit]


def shown(row: Transition) -> dict[str, Any]:
    return {
        "id": row.pk,
        "at": moment(row.at),
        "shard": row.shard,
        "role": row.role,
        "calculator": row.calculator,
        "change": row.change,
        "reason": row.reason,
    }


def moment(at: int) -> str:
    """RFC 3339 in UTC with milliseconds, of milliseconds since 1970."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
