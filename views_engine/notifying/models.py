"""Whom to tell, and what is told: channels, the outbox and every attempt."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from views_engine.notifying.policy import Tone
from views_engine.notifying.transports import TRANSPORTS
from views_engine.notifying.transports.base import Fault, Transport

SEVERITIES = ("info", "warning", "critical")
"""From the least to the most."""

SHORTEST_SECRET = 16
SEALED = "…"


class Channel(models.Model):
    """Somebody to tell. The secret can be set and never read again; a target holds none."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=[(kind, each.title) for kind, each in TRANSPORTS.items()])
    target = models.JSONField(help_text='E-mail: {"to": ["ops@example.com"]}; webhook and Slack: {"url": "https://…"}.')
    secret = models.CharField(max_length=2000, blank=True, editable=False)
    min_severity = models.CharField(max_length=10, choices=[(each, each) for each in SEVERITIES], default="info")
    rules = models.JSONField(default=list, blank=True, help_text="Ids of the rules to tell of; empty: all.")
    groups = models.JSONField(default=list, blank=True, help_text="Names of the groups of devices; empty: all devices.")
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords(excluded_fields=["secret"])

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._seal()
        super().save(*args, **kwargs)

    @property
    def transport(self) -> Transport:
        return TRANSPORTS[self.kind]

    def clean(self) -> None:
        """Raises ValidationError with every member that is wrong."""
        wrong: dict[str, list[str]] = {
            "target": [f"{fault.member}: {fault.detail}" for fault in self.faults()],
            "rules": [f"A list of ids of rules; {each} is none." for each in _no_list_of(int, self.rules)],
            "groups": [f"A list of names of groups; {each} is none." for each in _no_list_of(str, self.groups)],
        }
        if any(wrong.values()):
            raise ValidationError({name: texts for name, texts in wrong.items() if texts})

    def faults(self) -> list[Fault]:
        """What is wrong with the target."""
        if not isinstance(self.target, dict):
            return [Fault("target", "wrong_type", "The target is an object.")]
        return [] if self.kind not in TRANSPORTS or self._is_sealed() else self.transport.faults(self.target)

    def _seal(self) -> None:
        """Moves what must not be seen from the target to the secret; makes a secret where a signature needs one."""
        member = self.transport.keeps_secret
        if member and not self._is_sealed():
            self.secret, self.target = self.target[member], {**self.target, member: sealed(self.target[member])}
        elif self.transport.signs and not self.secret:
            self.secret = secrets.token_urlsafe(32)

    def _is_sealed(self) -> bool:
        """Whether the target is as it was shown."""
        member = self.transport.keeps_secret
        return bool(member and self.secret and self.target == {member: sealed(self.secret)})


def sealed(address: str) -> str:
    """An address as it may be shown.

    >>> sealed("https://hooks.slack.com/services/T0/B0/x")
    'https://hooks.slack.com/…'
    """
    return "/".join([*address.split("/")[:3], SEALED])


def _no_list_of(kind: type, value: Any) -> list[str]:
    """What of the value makes it no list of such things."""
    return [repr(each) for each in value if type(each) is not kind] if isinstance(value, list) else [repr(value)]


OPEN = ("waiting", "failed")
"""States of a message that is still to be sent."""


class Delivery(models.Model):
    """The outbox: one message of a revision of an alert to a channel, written together with the revision.

    `next_attempt_at` is when to try (again); while somebody is at it, when somebody else may. `alert_id` names the
    alert's record and `revision` its revision, so that nothing is told twice; 0 where a person resends.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"
        DEAD = "dead"

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    alert_id = models.PositiveBigIntegerField()
    revision = models.PositiveIntegerField()
    key = models.CharField("idempotency key", max_length=100, unique=True)
    tone = models.CharField(max_length=10, choices=[(tone.value, tone.value) for tone in Tone])
    body = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["channel", "alert_id", "revision"], name="a_revision_is_told_once")
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="deliveries_due", condition=Q(state__in=OPEN)),
            models.Index(fields=["alert_id", "-id"], name="deliveries_by_alert"),
            models.Index(fields=["state", "-id"], name="deliveries_by_state"),
        ]

    def __str__(self) -> str:
        return self.key


class Attempt(models.Model):
    """One try to deliver, and what came of it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField()
    seconds = models.FloatField()
    taken = models.BooleanField(help_text="Whether the other side took the message.")
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.answer}"
