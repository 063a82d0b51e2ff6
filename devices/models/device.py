"""A device: what people know of it. What it measured is in the views, never here."""

from typing import Any

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Q
from simple_history.models import HistoricalRecords

from devices import ids
from devices.models.changes import note_change
from devices.models.grouping import Group, SavedWhole, Site, Tag


def _offline_after(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(offline_after_s__isnull=True) | Q(offline_after_s__gt=0),
        violation_error_message="A device is offline after at least one second.",
    )


class DeviceType(SavedWhole):
    """A make of device. Its `offline_after_s` (seconds) holds for every device that has none of its own."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    offline_after_s = models.PositiveIntegerField(
        "offline after (s)",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Seconds without an event after which a device counts as offline; empty: the general setting.",
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["slug"]
        constraints = [_offline_after("device_type_offline_after_is_positive")]

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """Somebody who may be spoken for. Deleting it takes its tokens along and leaves its events."""

    device_id = models.CharField(
        "device id", max_length=64, unique=True, validators=[RegexValidator(ids.PATTERN, ids.RULE + ".")]
    )
    name = models.CharField(max_length=100, blank=True)
    device_type = models.ForeignKey(
        DeviceType, null=True, blank=True, on_delete=models.SET_NULL, related_name="devices", verbose_name="type"
    )
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.SET_NULL, related_name="devices")
    groups = models.ManyToManyField(Group, blank=True, related_name="devices")
    tags = models.ManyToManyField(Tag, blank=True, related_name="devices")
    offline_after_s = models.PositiveIntegerField(
        "offline after (s)",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Seconds; empty: as its type says, or the general setting.",
    )
    notes = models.TextField(blank=True)
    registered_at = models.DateTimeField(auto_now_add=True, db_index=True)
    history = HistoricalRecords(m2m_fields=[groups, tags])

    class Meta:
        ordering = ["device_id"]
        constraints = [
            models.CheckConstraint(
                name="device_id_is_well_formed",
                condition=Q(device_id__regex=ids.PATTERN),
                violation_error_message=ids.RULE + ".",
            ),
            _offline_after("device_offline_after_is_positive"),
        ]

    def __str__(self) -> str:
        return self.name or self.device_id

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding or self.device_type_id is not None:
            note_change()
        super().save(*args, **kwargs)
