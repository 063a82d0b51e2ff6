"""What the fold must be told: the settings, the custom types, and whom the registry refused at the time."""

from django.conf import settings

from events.models import DeadLetter, EventType
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


def _refused(shard: int) -> dict[int, str]:
    ended = DeadLetter.objects.filter(shard=shard, reason__in=["invalid", "unknown_device"])
    return dict(ended.values_list("arrival", "reason").iterator(chunk_size=10_000))
