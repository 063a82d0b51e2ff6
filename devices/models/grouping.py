"""How people sort devices: by group, by tag, by site."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Q
from simple_history.models import HistoricalRecords

LATITUDE = [MinValueValidator(-90), MaxValueValidator(90)]
LONGITUDE = [MinValueValidator(-180), MaxValueValidator(180)]


class SavedWhole(models.Model):
    """Saved in one transaction with all that follows from it elsewhere."""

    class Meta:
        abstract = True

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)


class Group(SavedWhole):
    """Devices that are looked after together; rules and lists are scoped by it."""

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Tag(SavedWhole):
    """A free word on devices. It comes into being with its first use."""

    name = models.CharField(
        max_length=50,
        unique=True,
        validators=[RegexValidator(r"^[^\s,;]+\Z", "A tag has no spaces, commas or semicolons.")],
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place where devices stand; the position is in degrees (WGS 84) and may be unknown."""

    name = models.CharField(max_length=100, unique=True)
    latitude = models.FloatField(null=True, blank=True, validators=LATITUDE)
    longitude = models.FloatField(null=True, blank=True, validators=LONGITUDE)
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="site_position_is_whole",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False)
                & Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                violation_error_message="A site has both latitude and longitude, or neither.",
            )
        ]

    def __str__(self) -> str:
        return self.name
