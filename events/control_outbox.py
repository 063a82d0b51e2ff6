"""What people decide waits here for the ordered log: written with the decision itself, in one transaction.

Numbers have no gaps and are those of the commits: whoever writes holds the row with the last number until its
transaction ends. The reformers read on from the number they have committed.
"""

from collections.abc import Sequence

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from commandline.crash_points import crash_point
from events.controls import Control, DeviceFacts, RuleVersion, body_of
from events.log.base import shard_of
from events.models import ControlRecord, ControlStanding

AT_ONCE = 1000
_ONLY = 1


@transaction.atomic
def put(bodies: Sequence[RuleVersion | DeviceFacts]) -> int:
    """Writes decisions in the caller's transaction; the last number given so far. No other is given meanwhile."""
    standing = locked()
    records = [
        ControlRecord(number=standing.last + place, shard=_shard(body), body=msgspec.to_builtins(body))
        for place, body in enumerate(bodies, 1)
    ]
    ControlRecord.objects.bulk_create(records, batch_size=AT_ONCE)
    standing.last += len(records)
    standing.save(update_fields=["last"])
    crash_point("control.put")
    return standing.last


def pending(shard: int, after: int, limit: int = AT_ONCE) -> list[Control]:
    """The next decisions behind the number `after` that concern this shard, in their order."""
    rows = ControlRecord.objects.filter(Q(shard=None) | Q(shard=shard), number__gt=after).order_by("number")
    return [Control(row.number, body_of(msgspec.json.encode(row.body))) for row in rows[:limit]]


@transaction.atomic
def go_on_from(number: int) -> None:
    """No number up to this one is given any more: after the database was set back, the log knows them already."""
    found = locked()
    found.last = max(found.last, number)
    found.save(update_fields=["last"])


def locked() -> ControlStanding:
    """The standing, which nobody else changes before this transaction ends."""
    ControlStanding.objects.get_or_create(pk=_ONLY)
    return ControlStanding.objects.select_for_update().get(pk=_ONLY)


def standing() -> ControlStanding:
    """The standing as it is committed."""
    return ControlStanding.objects.filter(pk=_ONLY).first() or ControlStanding(pk=_ONLY)


def _shard(body: RuleVersion | DeviceFacts) -> int | None:
    """A device's facts concern its own shard, a rule all of them."""
    return shard_of(body.device_id, settings.CONFIG.log.shards) if isinstance(body, DeviceFacts) else None
