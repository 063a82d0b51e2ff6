"""What of the events app is kept in the database: never events, only what people define and must look at."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from simple_history.models import HistoricalRecords

from events.event_types import BUILT_IN, BadDefinition, CustomType
from events.letter import REASONS

SLUG = r"^[a-z][a-z0-9_-]{0,63}\Z"


class EventType(models.Model):
    """A type of event that people defined, in addition to the built-in ones."""

    slug = models.CharField(
        max_length=64,
        unique=True,
        validators=[RegexValidator(SLUG, "A slug is 1 to 64 of a-z 0-9 _ - and begins with a letter.")],
    )
    name = models.CharField(max_length=100, blank=True)
    unit = models.CharField(max_length=50, blank=True, help_text="The unit of `value`; empty: none.")
    schema = models.JSONField(default=dict, blank=True, help_text="The JSON schema of the payload.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name or self.slug

    def clean(self) -> None:
        if self.slug in BUILT_IN:
            raise ValidationError({"slug": f"{self.slug} is a built-in type."}, code="unique")
        try:
            CustomType.of(self.definition())
        except BadDefinition as error:
            raise ValidationError({"schema": str(error)}, code="schema") from error

    def definition(self) -> dict[str, Any]:
        return {"slug": self.slug, "name": self.name, "unit": self.unit, "schema": self.schema}


class DeadLetter(models.Model):
    """An event that was put aside with its reason. It can be mended and replayed; the raw log stays as it is."""

    shard = models.PositiveIntegerField()
    arrival = models.BigIntegerField(help_text="Which event of the shard's raw log it is.")
    events = models.PositiveIntegerField(default=1, help_text="More than one: a whole record that cannot be read.")
    reason = models.CharField(max_length=20, choices=[(reason.value, reason.value) for reason in REASONS])
    detail = models.TextField(blank=True)
    pointer = models.TextField(blank=True)
    device_id = models.CharField("device id", max_length=64, blank=True)
    received_at = models.DateTimeField()
    raw = models.BinaryField(editable=True)
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["shard", "arrival"], name="one_dead_letter_an_event")]
        indexes = [
            models.Index(fields=["reason", "-id"], name="dead_letters_by_reason"),
            models.Index(fields=["device_id", "-id"], name="dead_letters_by_device"),
            models.Index(fields=["received_at"], name="dead_letters_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.shard}/{self.arrival}"

    @property
    def text(self) -> str:
        """The raw bytes for people: what is not UTF-8 is written as \\xff."""
        return bytes(self.raw).decode("utf-8", "backslashreplace")


class ControlRecord(models.Model):
    """One decision on its way into the ordered log. Numbers are those of the commits; no row changes or goes."""

    number = models.BigIntegerField(primary_key=True)
    shard = models.PositiveIntegerField(null=True, help_text="Whom it concerns; empty: every shard.")
    body = models.JSONField(help_text="What was decided, as `events.controls` has it.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "decision"
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"control {self.number}"


class ControlStanding(models.Model):
    """The one row that whoever writes controls locks: the last number given, and the facts that were told."""

    last = models.BigIntegerField(default=0)
    facts = models.BigIntegerField(default=-1, help_text="The count of changes of devices up to which all is told.")

    def __str__(self) -> str:
        return f"{self.last} controls"


class ToldFacts(models.Model):
    """The facts of a device that were put into the log last; a device of which nothing was ever said has none."""

    device_id = models.CharField(max_length=64, primary_key=True)
    since = models.BigIntegerField(help_text="From when on they hold (ms).")
    names = models.JSONField(help_text="Its type, groups and tags.")

    def __str__(self) -> str:
        return self.device_id


class Segment(models.Model):
    """A Parquet file in object storage with the ordered log's records `first_position` to `last_position`."""

    shard = models.PositiveIntegerField()
    first_position = models.BigIntegerField()
    last_position = models.BigIntegerField()
    events = models.BigIntegerField()
    path = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(help_text="Bytes.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["shard", "first_position"]
        constraints = [
            models.UniqueConstraint(fields=["shard", "first_position"], name="one_segment_a_position"),
            models.CheckConstraint(
                name="segment_is_not_empty", condition=models.Q(last_position__gte=models.F("first_position"))
            ),
        ]

    def __str__(self) -> str:
        return self.path
