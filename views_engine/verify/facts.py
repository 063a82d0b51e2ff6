"""What the fold must be told: the settings, the custom types, and whom the registry refused at the time."""

import json

from django.conf import settings
from django.db.models import Q

from events.models import ControlRecord, DeadLetter, EventType
from views_engine.verify.alerts import Decisions, decisions
from views_engine.verify.reading import Facts
from views_engine.verify.times import milliseconds

_DAY_MS = 86_400_000


def facts(shard: int) -> Facts:
    events = settings.CONFIG.events
    return Facts(
        max_clock_ahead_ms=round(events.max_clock_ahead_s * 1000),
        earliest_ms=milliseconds(events.earliest_observed_at),
        retention_ms=round(events.retention_days * _DAY_MS) or None,
        max_depth=settings.CONFIG.ingest.max_depth,
        custom_types=frozenset(EventType.history.values_list("slug", flat=True)),
        refused=_refused(shard),
    )


def said(shard: int, number: int) -> Decisions | None:
    """What people decided up to this number; None where the database is younger than the log and never knew."""
    known = ControlRecord.objects.filter(Q(shard=None) | Q(shard=shard), number__lte=number).order_by("number")
    if number and not ControlRecord.objects.filter(number=number).exists():
        return None
    return decisions(json.dumps(body) for body in known.values_list("body", flat=True))


def _refused(shard: int) -> dict[int, str]:
    ended = DeadLetter.objects.filter(shard=shard, reason__in=["invalid", "unknown_device"])
    return dict(ended.values_list("arrival", "reason").iterator(chunk_size=10_000))
