"""A rule: what people want to be told of. Calculators know it by its versions, which travel in the ordered log."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import msgspec
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

from events import control_outbox
from events.controls import RuleVersion
from views_engine.alerts import scopes

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Severity(models.TextChoices):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Notify(models.TextChoices):
    """What is said of an alert that late events change after the fact."""

    SILENT = "silent"
    NOTE = "note"
    NOTIFY = "notify"


def default_policy() -> dict[str, Any]:
    return {"notify": Notify.NOTE.value}


class Rules(models.QuerySet["Rule"]):
    def present(self) -> "Rules":
        """Those that are not deleted."""
        return self.filter(deleted_at=None)

    def delete(self) -> tuple[int, dict[str, int]]:
        """One by one: a rule stays for its alerts."""
        done = [rule.delete() for rule in self]
        return len(done), {"alerts.Rule": len(done)}


class Rule(models.Model):
    """Saving it makes a new version, in the same transaction, when what is judged has changed.

    `parameters` are those of its kind (`views_engine.rules`), `scope` has lists of names under `devices`,
    `device_types`, `groups` and `tags`; `correction_policy` has `notify` and perhaps `max_lateness_s`.
    """

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    event_type = models.CharField(max_length=64, blank=True)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.WARNING)
    parameters = models.JSONField(default=dict)
    scope = models.JSONField(default=dict, blank=True)
    enabled = models.BooleanField(default=True)
    effective_from = models.DateTimeField(default=timezone.now)
    correction_policy = models.JSONField(default=default_policy, blank=True)
    stopped_reason = models.TextField(blank=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    told = models.JSONField(default=dict, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    history = HistoricalRecords(excluded_fields=["told"])
    objects = Rules.as_manager()

    control: int | None = None
    """The number of the control that the last saving put into the log; None when it changed nothing that is judged."""

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="rule_severity_is_known", condition=models.Q(severity__in=Severity.values)),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            before = Rule.objects.select_for_update().filter(pk=self.pk).values_list("version", "told").first()
            self.version, told = before or (0, {})
            self.told = self._judged()
            changed = self.told != told
            if changed:
                self.version += 1
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "version", "told", "updated_at"}
            super().save(*args, **kwargs)
            self.control = control_outbox.put([self.as_version()]) if changed else None

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Its last version judges nothing; what it raised stays, and so does its history."""
        self.deleted_at = timezone.now()
        self.turn(on=False)
        return 1, {"alerts.Rule": 1}

    def turn(self, *, on: bool, reason: str = "") -> None:
        """Starts or stops judging, from now on; `reason` says why it was stopped by us."""
        self.enabled, self.stopped_reason, self.effective_from = on, reason, timezone.now()
        self.save()

    def judges_otherwise(self) -> bool:
        """Whether it would judge other than its last version does, whatever the time from which on."""
        return {**self._judged(), "effective_from": 0} != {**self.told, "effective_from": 0}

    def as_version(self) -> RuleVersion:
        """The rule as the log has it."""
        return msgspec.convert({**self._judged(), "rule": self.pk or 0, "version": self.version}, RuleVersion)

    def _judged(self) -> dict[str, Any]:
        """All that a version says, but whose and which it is."""
        return {
            "type": "rule",
            "name": self.name,
            "kind": self.kind,
            "event_type": self.event_type or None,
            "severity": str(self.severity),
            "parameters": self.parameters,
            "scope": msgspec.to_builtins(scopes.in_keys(self.scope)),
            "enabled": self.enabled,
            "effective_from": milliseconds(self.effective_from),
        }


def milliseconds(moment: datetime) -> int:
    """Since 1970; digits finer than that are cut."""
    return (moment - EPOCH) // timedelta(milliseconds=1)
