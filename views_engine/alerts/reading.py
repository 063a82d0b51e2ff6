"""Reads alert records at a version: they equal the intervals of a named set of events."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from django.db import transaction
from django.db.models import Count

from views_engine.alerts.models import Alert, MirrorStanding, State
from views_engine.reading import Position, Reader, Unavailable, Version

Answer = TypeVar("Answer")

TRIES = 3
BRIEFLY_S = 0.05


def read_mirrored(
    reader: Reader, read: Callable[[], Answer], *, at_least: Version | None = None
) -> tuple[Answer, Version]:
    """What `read` finds in the database, and the version it equals: nothing older than the views are now.

    Raises `Unavailable` when the records do not get that far in time.
    """
    mirrored = reader.mirrored(at_least=at_least)
    for _ in range(TRIES):
        before = _standings()
        answer = read()
        if _standings() == before:
            return answer, _newest(mirrored, before)
    with transaction.atomic():
        # The mirrors are busy: they wait for us this once.
        before = _standings(hold=True)
        return read(), _newest(mirrored, before)


def open_by_device(device_ids: Collection[str] | None = None) -> dict[str, int]:
    """How many open alerts each of these devices has (None: of all devices); those without any are left out."""
    found = Alert.objects.filter(state=State.OPEN)
    if device_ids is not None:
        found = found.filter(device_id__in=device_ids)
    return dict(found.order_by().values_list("device_id").annotate(Count("pk")))


def count_open() -> int:
    return Alert.objects.filter(state=State.OPEN).count()


def wait_briefly(reader: Reader, *, at_least: Version | None = None) -> None:
    """Lets the records catch up, for figures that are shown beside others; they are shown even where they cannot."""
    try:
        reader.mirrored(at_least=at_least, patience_s=BRIEFLY_S)
    except Unavailable:
        return


def _standings(*, hold: bool = False) -> dict[int, Position]:
    rows = MirrorStanding.objects.select_for_update() if hold else MirrorStanding.objects.all()
    return {shard: Position(epoch, at) for shard, epoch, at in rows.values_list("shard", "epoch", "position")}


def _newest(mirrored: Version, standings: Mapping[int, Position]) -> Version:
    """Records did not change between the standing in the database and that of the mirror, whichever is newer."""
    return {shard: max(at, standings.get(shard, at)) for shard, at in mirrored.items()}
