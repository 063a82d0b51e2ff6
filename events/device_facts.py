"""What people change about devices becomes decisions in the outbox: once each, in order, whoever dies in between."""

from collections.abc import Iterator

from django.db import transaction

from devices import facts
from devices.models.changes import changes
from events import control_outbox
from events.controls import DeviceFacts
from events.models import ToldFacts

_AT_ONCE = 500


def tell(now: int, *, compare: bool = False) -> None:
    """Puts the facts of devices that differ from those told last into the outbox, as of `now` (ms).

    Costs two small queries while the count of changes stands where it stood; with `compare` it looks all the same.
    """
    count, seen = changes(), control_outbox.standing()
    if not compare and count == seen.facts:
        return
    # Compared while nobody waits; under the lock only once more if somebody changed or told something meanwhile.
    news = list(_news(now))
    with transaction.atomic():
        standing = control_outbox.locked()
        if (changes(), standing.facts, standing.last) != (count, seen.facts, seen.last):
            count, news = changes(), list(_news(now))
        standing.facts = count
        standing.save(update_fields=["facts"])
        _tell(news)


def _news(now: int) -> Iterator[DeviceFacts]:
    """The facts to tell, by device; what was told of one holds until then at least."""
    rows = ToldFacts.objects.values_list("device_id", "since", "names")
    present, told = facts.present(), {device_id: (since, names) for device_id, since, names in rows}
    for device_id in sorted({*present, *told}):
        since, said = told.get(device_id, (now, facts.NOTHING))
        names = present.get(device_id, facts.NOTHING)
        if names != said:
            yield DeviceFacts(device_id=device_id, since=max(now, since), **names)


def _tell(news: list[DeviceFacts]) -> None:
    if not news:
        return
    control_outbox.put(news)
    rows = [
        ToldFacts(
            device_id=each.device_id,
            since=each.since,
            names={"device_type": each.device_type, "groups": each.groups, "tags": each.tags},
        )
        for each in news
    ]
    ToldFacts.objects.bulk_create(
        rows,
        batch_size=_AT_ONCE,
        update_conflicts=True,
        unique_fields=["device_id"],
        update_fields=["since", "names"],
    )
