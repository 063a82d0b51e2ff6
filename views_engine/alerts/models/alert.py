"""Alert records: what people work with. The mirror makes them follow the intervals that the calculators find.

Times without a word are milliseconds since 1970: of observation in `started_at`, `raised_at` and `cleared_at`, of the
log's clock in `created_at` and `at`.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from views_engine.alerts.matching import Interval, Kind, Known
from views_engine.alerts.models.rule import Rule, Severity


class State(models.TextChoices):
    OPEN = "open"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"


CHANGES = [(kind.value, kind.value) for kind in Kind if kind is not Kind.GROWN]


class Alert(models.Model):
    """One alert of one device. `value` is in millionths; `reach` (ms) is how far a withdrawn open one went."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="alerts")
    device_id = models.CharField("device id", max_length=64)
    shard = models.PositiveIntegerField()
    severity = models.CharField(max_length=10, choices=Severity.choices)
    rule_name = models.CharField("rule", max_length=100)
    state = models.CharField(max_length=10, choices=State.choices)
    started_at = models.BigIntegerField()
    raised_at = models.BigIntegerField()
    cleared_at = models.BigIntegerField(null=True)
    value = models.BigIntegerField(null=True)
    reach = models.BigIntegerField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="merged")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts"
    )
    revision = models.PositiveIntegerField(default=1)
    created_at = models.BigIntegerField()

    class Meta:
        ordering: ClassVar = ["-started_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(name="alert_severity_is_known", condition=Q(severity__in=Severity.values)),
            models.CheckConstraint(
                name="alert_state_fits_its_times",
                condition=Q(state=State.OPEN, cleared_at=None)
                | Q(state=State.CLEARED, cleared_at__isnull=False)
                | Q(state=State.WITHDRAWN),
            ),
            models.CheckConstraint(
                name="only_withdrawn_alerts_are_merged", condition=Q(merged_into=None) | Q(state=State.WITHDRAWN)
            ),
        ]
        indexes: ClassVar = [
            # The mirror looks up the records of a rule and a device.
            models.Index(fields=["rule", "device_id"], name="alerts_of_a_pair"),
            # The limit counts what was made for a rule within a day.
            models.Index(fields=["rule", "created_at"], name="alerts_made_of_a_rule"),
            # Lists, newest first: all of them, by state, of a device.
            models.Index(fields=["-started_at", "-id"], name="alerts_newest_first"),
            models.Index(fields=["state", "-started_at", "-id"], name="alerts_by_state"),
            models.Index(fields=["device_id", "-started_at", "-id"], name="alerts_of_a_device"),
            # Dashboards count the open ones of each device.
            models.Index(fields=["device_id"], condition=Q(state="open"), name="open_alerts_by_device"),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}: {self.rule_name}, {self.device_id}"

    def says(self) -> Interval:
        return Interval(
            started_at=self.started_at,
            raised_at=self.raised_at,
            cleared_at=self.cleared_at,
            value=self.value,
            severity=self.severity,
            rule_name=self.rule_name,
        )

    def known(self) -> Known:
        """The record as matching sees it."""
        return Known(id=self.pk, says=self.says(), withdrawn=self.state == State.WITHDRAWN, reach=self.reach)


class Revision(models.Model):
    """One change of an alert: from what, to what, because of which event (its identity; null when none was late)."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    at = models.BigIntegerField()
    epoch = models.BigIntegerField()
    change = models.CharField(max_length=10, choices=CHANGES)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    cause = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["revision"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["alert", "revision"], name="one_revision_per_number"),
        ]
        indexes: ClassVar = [
            # The page of an epoch asks which alerts its late events corrected.
            models.Index(fields=["epoch"], condition=Q(cause__isnull=False), name="corrections_of_an_epoch"),
        ]

    def __str__(self) -> str:
        return f"{self.change} (revision {self.revision} of alert {self.alert_id})"


class Comment(models.Model):
    """What somebody wrote about an alert."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(max_length=4000)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.text[:80]


class MirrorStanding(models.Model):
    """How far the records of a shard follow its intervals: the named set of events they equal."""

    shard = models.PositiveIntegerField(unique=True)
    epoch = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["shard"]

    def __str__(self) -> str:
        return f"shard {self.shard} at epoch {self.epoch}, position {self.position}"
