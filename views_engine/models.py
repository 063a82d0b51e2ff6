"""What of the views engine is kept in the database: which snapshots there are, and the exports people asked for."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models


class SnapshotRecord(models.Model):
    """A verified copy of a view store in object storage: the state of one shard at an epoch and a position."""

    shard = models.PositiveIntegerField()
    epoch = models.PositiveBigIntegerField()
    position = models.PositiveBigIntegerField(help_text="The next record of the ordered log to read.")
    path = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()
    events = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()
    verified_at = models.DateTimeField()
    bad = models.CharField("what is wrong with it", max_length=300, blank=True, help_text="Empty for a good one.")
    bad_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "snapshot"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["shard", "-position"], name="newest_snapshot_of_a_shard")]

    def __str__(self) -> str:
        return f"shard {self.shard} at epoch {self.epoch}, position {self.position}"


class Rebuild(models.Model):
    """One calculator is asked to make views again from its own events; `units` empty means all of them."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    calculator = models.CharField(max_length=64)
    shard = models.PositiveIntegerField()
    units = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    done_events = models.PositiveBigIntegerField(default=0)
    all_events = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True)
    requested_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        indexes = [models.Index(fields=["calculator", "status"], name="rebuilds_of_a_calculator")]

    def __str__(self) -> str:
        return f"{', '.join(self.units) or 'all views'} of {self.calculator}"

    @property
    def ended(self) -> bool:
        return self.status in (self.Status.DONE, self.Status.FAILED)


class Export(models.Model):
    """Rows of a view as a file, made in the background. `query` holds the parameters of the API's own route."""

    class What(models.TextChoices):
        EVENTS = "events"
        METRICS = "metrics"
        DEVICES = "devices"
        CORRECTIONS = "corrections"
        EPOCHS = "epochs"

    class Form(models.TextChoices):
        CSV = "csv", "CSV"
        NDJSON = "ndjson", "NDJSON"
        PARQUET = "parquet", "Parquet"

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    what = models.CharField(max_length=20, choices=What.choices, default=What.EVENTS)
    event_type = models.CharField(max_length=64, blank=True, help_text="For metrics: of which event type.")
    query = models.CharField(
        max_length=4000,
        blank=True,
        help_text="Filters as in the address of the API: device_id=meter-7&from=2026-01-31T00:00:00Z",
    )
    form = models.CharField("format", max_length=10, choices=Form.choices, default=Form.CSV)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING, editable=False)
    rows = models.PositiveBigIntegerField(default=0, editable=False)
    bytes = models.PositiveBigIntegerField(default=0, editable=False)
    version = models.JSONField(default=dict, editable=False)
    path = models.CharField(max_length=200, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="exports"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["created_at"], name="exports_to_prune")]

    def __str__(self) -> str:
        return f"{self.what} {self.pk}.{self.form}"

    @property
    def file_name(self) -> str:
        return f"{'-'.join(filter(None, (self.what, self.event_type, str(self.pk))))}.{self.form}"

    def clean(self) -> None:
        from views_engine.exports import BadExport, source_of

        try:
            source_of(self)
        except BadExport as error:
            raise ValidationError({error.field: str(error)}) from error

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        from views_engine import storage

        if self.path:
            storage.remove(self.path)
        return super().delete(*args, **kwargs)
