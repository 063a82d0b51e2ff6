"""Hands a revision to the outbox of notifications, in the shape that it wants."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from events.event import MICRO
from views_engine.alerts.models import Rule
from views_engine.alerts.models.rule import EPOCH, milliseconds
from views_engine.alerts.revising import Revised
from views_engine.notifying import outbox
from views_engine.notifying.models import Channel
from views_engine.notifying.policy import Correction, Policy


@dataclass(slots=True, kw_only=True)
class ToldAlert:
    pk: int
    rule_id: int
    rule_name: str
    device_id: str
    severity: str
    state: str
    started_at: datetime
    raised_at: datetime
    cleared_at: datetime | None
    value: float | None


@dataclass(slots=True, kw_only=True)
class ToldRevision:
    revision: int
    change: str
    epoch: int
    late: bool
    cause: Any


def tell(rule: Rule, revised: Revised) -> None:
    """Writes the outbox rows of a revision; belongs into the transaction that saves it."""
    outbox.write(_alert(revised), _revision(rule, revised), _policy(rule))


def somebody_listens() -> bool:
    """Whether there is a channel at all; without one there is nothing to write."""
    return Channel.objects.filter(enabled=True).exists()


def moment(at_ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=at_ms)


def _alert(revised: Revised) -> ToldAlert:
    alert = revised.alert
    return ToldAlert(
        pk=alert.pk,
        rule_id=alert.rule_id,
        rule_name=alert.rule_name,
        device_id=alert.device_id,
        severity=alert.severity,
        state=str(alert.state),
        started_at=moment(alert.started_at),
        raised_at=moment(alert.raised_at),
        cleared_at=None if alert.cleared_at is None else moment(alert.cleared_at),
        value=None if alert.value is None else alert.value / MICRO,
    )


def _revision(rule: Rule, revised: Revised) -> ToldRevision:
    revision = revised.revision
    return ToldRevision(
        revision=revision.revision,
        change=revision.change,
        epoch=revision.epoch,
        late=revision.cause is not None or _backfilled(rule, revised.alert.raised_at),
        cause=revision.cause,
    )


def _backfilled(rule: Rule, raised_at: int) -> bool:
    """Whether the rule was made for the past: what raised this had been observed before there was the rule."""
    return raised_at < milliseconds(rule.created_at)


def _policy(rule: Rule) -> Policy:
    asked = rule.correction_policy
    return Policy(Correction(asked.get("notify", Correction.NOTE)), asked.get("max_lateness_s"))
