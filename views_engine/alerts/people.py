"""What people do to alerts. Each touches only what is theirs: what the mirror writes stays as it is."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from views_engine.alerts.models import Alert, Comment


@transaction.atomic
def acknowledge(ids: Collection[int], person: User, text: str = "") -> int:
    """Notes that somebody has seen these alerts; how many nobody had acknowledged before. The first one stays."""
    fresh = Alert.objects.filter(pk__in=ids, acknowledged_at=None)
    count = fresh.update(acknowledged_at=timezone.now(), acknowledged_by=person)
    if text:
        Comment.objects.bulk_create([Comment(alert_id=pk, author=person, text=text) for pk in ids])
    return count


def assign(ids: Collection[int], assignee: User | None) -> int:
    """Says who cares for these alerts; None: nobody in particular."""
    return Alert.objects.filter(pk__in=ids).update(assignee=assignee)


def comment(alert_id: int, person: User, text: str) -> Comment:
    return Comment.objects.create(alert_id=alert_id, author=person, text=text)
