"""The dead letter: an event that was put aside, with the reason, so that somebody can mend and replay it. Pure."""

from dataclasses import dataclass

from events.fates import Fate

REASONS = (Fate.INVALID, Fate.UNKNOWN_DEVICE, Fate.FUTURE, Fate.TOO_OLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`arrival` and `shard` say which event of the raw log it is, `received_at` (milliseconds) when it came.

    `events` is more than one where a whole raw record could not be read: then `raw` is the record's value.
    `pointer` is empty or says which member of the event is meant.
    """

    shard: int
    arrival: int
    reason: Fate
    detail: str
    received_at: int
    raw: bytes
    pointer: str = ""
    device_id: str = ""
    events: int = 1
