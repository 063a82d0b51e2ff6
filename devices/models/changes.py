"""That something which rules ask of devices has changed: one row that counts, so that nobody need compare in vain."""

from typing import Any

from django.db import models
from django.db.models import F

_ONLY = 1


class FactsChanges(models.Model):
    """Rises, in the transaction of the change itself, whenever a device's type, groups or tags may have changed."""

    count = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.count} changes"


def note_change(**_: Any) -> None:
    """To be called beside every change, in its transaction; also a receiver of signals."""
    row = FactsChanges.objects.filter(pk=_ONLY)
    if not row.update(count=F("count") + 1):
        FactsChanges.objects.get_or_create(pk=_ONLY)
        row.update(count=F("count") + 1)


def changes() -> int:
    """How many changes were committed so far."""
    return FactsChanges.objects.filter(pk=_ONLY).values_list("count", flat=True).first() or 0
