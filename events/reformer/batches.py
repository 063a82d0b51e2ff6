"""How a reformer takes raw records in and puts ordered ones out: a whole batch at a time, in columns.

The reformer itself never looks into a batch, so that a simulation can run it with plain rows instead.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from events.log.base import Entry, Record
from events.records import Progress, batch_entry
from events.reformer.heads import Heads, Lateness
from events.reformer.intake import Intake, Rules, take_in


class KnownHeads(Protocol):
    def note(self, batch: Any) -> Lateness: ...


class Batches(Protocol):
    """`take_in` judges and sorts, `heads` starts to guess what is late, `entry` is the ordered record of a batch."""

    def take_in(self, records: Sequence[Record], *, shard: int, rules: Rules) -> Intake: ...

    def heads(self, bound: int | None) -> KnownHeads: ...

    def entry(self, batch: Any, *, shard: int, at: int, progress: Progress) -> Entry: ...


class ArrowBatches:
    """Arrow record batches with schema `events.records.EVENTS`."""

    def take_in(self, records: Sequence[Record], *, shard: int, rules: Rules) -> Intake:
        return take_in(records, shard=shard, rules=rules)

    def heads(self, bound: int | None) -> KnownHeads:
        return Heads(bound)

    def entry(self, batch: Any, *, shard: int, at: int, progress: Progress) -> Entry:
        return batch_entry(batch, shard=shard, at=at, progress=progress)


ARROW = ArrowBatches()
