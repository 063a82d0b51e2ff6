"""What is written away and what is forgotten as time passes."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django_celery_results.models import TaskResult
from obstore.exceptions import BaseError

from blackboard.loop import now_ms
from events import segments
from events.log import get_log
from events.log.base import LogUnavailable
from events.models import DeadLetter
from events.segments.writing import covered
from views_engine import exports
from views_engine.models import Rebuild
from views_engine.notifying.models import OPEN, Delivery
from views_engine.storage import get_store

log = structlog.get_logger(__name__)

KEPT_RESULTS = timedelta(days=1)
"""So long the outcome of a background task can be looked up."""

KEPT_REBUILDS = timedelta(days=30)


def write_segments() -> int:
    """Writes every full segment of every shard's ordered log; returns how many.

    A shard whose log or whose storage is away is left to the next turn: nothing is trimmed that no segment holds.
    """
    return sum(_write_segments(shard) for shard in range(settings.CONFIG.log.shards))


def _write_segments(shard: int) -> int:
    events = settings.CONFIG.reformer.segment_events
    try:
        return len(segments.write_segments(get_log(), shard, store=get_store(), segment_events=events))
    except (LogUnavailable, BaseError, DatabaseError, OSError) as error:
        log.error("segments_failed", shard=shard, reason=str(error).partition("\n")[0])
        return 0


def prune() -> dict[str, int]:
    """Forgets what has been kept as long as the settings say; how many of each kind."""
    forgotten = {
        "records": prune_logs(),
        "dead_letters": prune_dead_letters(),
        "exports": exports.prune(),
        "results": prune_results(),
        "rebuilds": prune_rebuilds(),
        "notifications": prune_notifications(),
    }
    log.info("pruned", **forgotten)
    return forgotten


def prune_logs() -> int:
    keep_days, now = settings.CONFIG.log.keep_days, now_ms()
    return sum(
        sum(segments.trim(get_log(), shard, covered=covered(shard), keep_days=keep_days, now=now).values())
        for shard in range(settings.CONFIG.log.shards)
    )


def prune_dead_letters() -> int:
    """Dead letters older than the setting says; 0 keeps all."""
    days = settings.CONFIG.events.keep_dead_letters_days
    if not days:
        return 0
    return DeadLetter.objects.filter(received_at__lt=timezone.now() - timedelta(days=days)).delete()[0]


def prune_results() -> int:
    return int(TaskResult.objects.filter(date_done__lt=timezone.now() - KEPT_RESULTS).delete()[0])


def prune_notifications() -> int:
    """Notifications that were sent or given up longer ago than the setting says; 0 keeps all."""
    days = settings.CONFIG.notifying.keep_days
    if not days:
        return 0
    done = Delivery.objects.exclude(state__in=OPEN).filter(created_at__lt=timezone.now() - timedelta(days=days))
    return done.delete()[1].get("notifying.Delivery", 0)


def prune_rebuilds() -> int:
    return int(Rebuild.objects.filter(finished_at__lt=timezone.now() - KEPT_REBUILDS).delete()[0])
