"""The outbox: what is to be told is a row, written in the transaction that changes the alert; a task sends it."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from commandline.crash_points import crash_point
from devices.api.fields import written
from devices.models import Device
from views_engine.background import enqueue
from views_engine.notifying import policy
from views_engine.notifying.models import SEVERITIES, Channel, Delivery
from views_engine.notifying.policy import Policy, Tone


class AlertFacts(Protocol):
    """What of an alert is told."""

    pk: Any
    rule_id: Any
    rule_name: str
    device_id: str
    severity: str
    state: str
    started_at: datetime
    raised_at: datetime
    cleared_at: datetime | None
    value: float | None


class RevisionFacts(Protocol):
    """What of a revision is told. `late`: late events, or a rule for the past, caused it."""

    revision: int
    change: str
    epoch: int
    late: bool
    cause: Any


def write(alert: AlertFacts, revision: RevisionFacts, wanted: Policy, *, now: datetime | None = None) -> int:
    """Writes a row for every channel that is to hear of this revision; returns how many are new.

    Belongs into the transaction that saves the revision: both are there, or neither. Writing the same again changes
    nothing, so a replay, a rebuild or another mirror tells nobody twice.
    """
    now = now or timezone.now()
    observed = alert.cleared_at if revision.change == "cleared" else alert.raised_at
    tone = policy.tone(wanted, revision.change, late=revision.late, observed_at=observed, now=now)
    if tone is None:
        return 0
    body = _body(alert, revision)
    told = Delivery.objects.filter(alert_id=alert.pk, revision=revision.revision).values("channel")
    channels = _listening(alert, Channel.objects.exclude(pk__in=told))
    rows = [_row(channel, alert.pk, revision.revision, tone, body, now) for channel in channels]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    crash_point("outbox.written")
    if rows:
        kick()
    return len(rows)


def _listening(alert: AlertFacts, channels: QuerySet[Channel]) -> list[Channel]:
    severe_enough = SEVERITIES[: SEVERITIES.index(alert.severity) + 1]
    chosen = channels.filter(enabled=True, min_severity__in=severe_enough)
    return [channel for channel in chosen if _wants(channel, alert)]


def _wants(channel: Channel, alert: AlertFacts) -> bool:
    if channel.rules and alert.rule_id not in channel.rules:
        return False
    groups = channel.groups
    return not groups or Device.objects.filter(device_id=alert.device_id, groups__name__in=groups).exists()


def _row(channel: Channel, alert_id: int, revision: int, tone: Tone, body: dict[str, Any], now: datetime) -> Delivery:
    return Delivery(
        channel=channel,
        alert_id=alert_id,
        revision=revision,
        key=f"{channel.pk}-{alert_id}-{revision}",
        tone=tone,
        body=body,
        created_at=now,
        next_attempt_at=now,
        give_up_at=now + give_up_after(),
    )


def _body(alert: AlertFacts, revision: RevisionFacts) -> dict[str, Any]:
    """The facts as they were when this happened; later changes are later messages."""
    return {
        "change": revision.change,
        "corrected": policy.is_correction(revision.change, late=revision.late),
        "revision": revision.revision,
        "epoch": revision.epoch,
        "cause": revision.cause,
        "alert": {
            "id": alert.pk,
            "rule": alert.rule_id,
            "rule_name": alert.rule_name,
            "device_id": alert.device_id,
            "severity": alert.severity,
            "state": alert.state,
            "started_at": written(alert.started_at),
            "raised_at": written(alert.raised_at),
            "cleared_at": written(alert.cleared_at) if alert.cleared_at else None,
            "value": alert.value,
        },
    }


def give_up_after() -> timedelta:
    return timedelta(seconds=settings.CONFIG.notifying.give_up_after_s)


def resend(delivery: Delivery, *, now: datetime | None = None) -> None:
    """Lets a message go out (again) at once, with a fresh day of attempts. The key stays: it is the same message."""
    now = now or timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.WAITING, attempts=0, next_attempt_at=now, give_up_at=now + give_up_after(), last_error=""
    )
    delivery.refresh_from_db()
    kick()


def kick() -> None:
    """Has what is due sent as soon as the transaction is through; once, however much was written in it."""
    if not any(function is _send for _, function, *_ in connection.run_on_commit):
        transaction.on_commit(_send)


def _send() -> None:
    """Where the broker is away, the clock's next sweep does it."""
    enqueue(TASK, expires=SWEEP_S)


TASK = "views_engine.notifying.tasks.deliver_due"
SWEEP_S = 5
"""Seconds between two looks for what is due."""
