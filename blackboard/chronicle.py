"""What is kept of epochs: which were left to a deputy, what was saved before, and what became of them.

Every operation may be done again; who comes second changes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from blackboard.facts import RoleName
from blackboard.loop import now_ms
from blackboard.models import ClosedEpoch, Role

INLINE, HANDOVER = "inline", "handover"


def held(shard: int) -> int:
    """The epoch that the live calculator of the shard leaves to its deputy; 0 when none."""
    live = Role.objects.filter(shard=shard, name=RoleName.LIVE).select_related("calculator").first()
    return live.calculator.held if live and live.calculator.incarnation == live.incarnation else 0


def note_held(shard: int, number: int) -> bool:
    """Writes down that an epoch is held; whether a snapshot is still to be kept before it."""
    first = {"plan": HANDOVER, "held_at": now_ms()}
    row, _ = ClosedEpoch.objects.get_or_create(shard=shard, number=number, defaults=first)
    return row.snapshot_at is None and row.closed_at is None


def note_snapshot(shard: int, number: int) -> None:
    ClosedEpoch.objects.filter(shard=shard, number=number, snapshot_at=None).update(snapshot_at=now_ms())


def newest(shard: int) -> int:
    """The newest epoch that is closed; 0 when none is."""
    closed = ClosedEpoch.objects.filter(shard=shard, closed_at__isnull=False)
    return int(closed.aggregate(newest=Max("number"))["newest"] or 0)


def close(shard: int, served: Sequence[Mapping[str, Any]]) -> int:
    """Closes epochs that live serves now, rows as its question `epochs` answers them; how many were new."""
    at = now_ms()
    with transaction.atomic():
        return sum(_close(shard, epoch, at) for epoch in served)


def _close(shard: int, epoch: Mapping[str, Any], at: int) -> bool:
    facts = {name: epoch[name] for name in ("plan", "late_events", "corrections", "seconds")}
    facts |= {"began_at": epoch["at"], "closed_at": at}
    row, made = ClosedEpoch.objects.get_or_create(shard=shard, number=epoch["epoch"], defaults=facts)
    if made or row.closed_at is not None:
        return made
    ClosedEpoch.objects.filter(pk=row.pk, closed_at=None).update(**facts)
    return True


def forget(shard: int, *, keep: int) -> None:
    """Lets go of everyday epochs but the newest; those that were handed over stay."""
    ClosedEpoch.objects.filter(shard=shard, plan=INLINE, number__lte=newest(shard) - keep).delete()
