"""Forgetting what is old in the logs, once the segments hold it."""

from commandline.crash_points import crash_point
from events.log.base import Log, Topic
from events.records import read_progress

DAY_MS = 86_400_000
AT_ONCE = 1000
"""So many records are deleted in one go, for writers wait meanwhile."""


def trim(log: Log, shard: int, *, covered: int, keep_days: float, now: int) -> dict[Topic, int]:
    """Deletes records older than `keep_days` before `now` (ms), as far as segments hold them; says how many.

    `covered` is the first position of the ordered log that no segment holds. Raw events before what the segments'
    last record accounts for are in the segments, too, or are dead letters. With `keep_days` 0 all is kept.
    """
    if not keep_days or not covered:
        return {}
    before = now - round(keep_days * DAY_MS)
    ends = {Topic.RAW: _accounted(log, shard, covered), Topic.ORDERED: covered}
    return {topic: _trim(log, topic, shard, min(end, _since(log, topic, shard, before))) for topic, end in ends.items()}


def _accounted(log: Log, shard: int, covered: int) -> int:
    """The raw position up to which the records before `covered` account for; 0 when that record is gone."""
    found = log.read(Topic.ORDERED, shard, covered - 1, max_records=1)
    return read_progress(found[0]).raw if found and found[0].position == covered - 1 else 0


def _since(log: Log, topic: Topic, shard: int, moment: int) -> int:
    """The position of the first record that is not older than `moment`; timestamps rise with positions."""
    low, high = log.oldest(topic, shard).position, log.head(topic, shard).position
    while low < high:
        middle = (low + high) // 2
        if log.read(topic, shard, middle, max_records=1)[0].timestamp < moment:
            low = middle + 1
        else:
            high = middle
    return low


def _trim(log: Log, topic: Topic, shard: int, end: int) -> int:
    deleted = 0
    position = log.oldest(topic, shard).position
    while position < end:
        position = min(position + AT_ONCE, end)
        deleted += log.trim(topic, shard, position)
        crash_point("trim.after_delete")
    return deleted
