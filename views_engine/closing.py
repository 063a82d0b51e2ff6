"""The slow work of epochs, on every sweep: a snapshot before a handover, and the chronicle of what was served.

What is done stands on the blackboard, so that a sweep that died, or two at once, do nothing twice.
"""

import structlog
from django.conf import settings

from blackboard import chronicle
from views_engine.reading import Unavailable, get_reader
from views_engine.snapshots import taking

MOST_AT_ONCE = 1_000
KEEP = 10_000
"""Everyday epochs that are kept of each shard: some hours of steady late traffic."""

log = structlog.get_logger(__name__)


def sweep() -> int:
    """Looks after every shard; how many epochs were closed. A shard that does not answer comes with the next sweep."""
    return sum(_look_after(shard) for shard in range(settings.CONFIG.log.shards))


def _look_after(shard: int) -> int:
    try:
        _before_handover(shard)
        return _close(shard)
    except Unavailable as away:
        log.info("epochs_not_closed", shard=shard, reason=str(away))
        return 0


def _before_handover(shard: int) -> None:
    """While live serves its epoch on, there is time to keep what it was before a heavy repair."""
    number = chronicle.held(shard)
    if not number or not chronicle.note_held(shard, number):
        return
    try:
        taking.take(shard)
    except taking.TROUBLE as reason:
        log.error("snapshot_before_handover_failed", shard=shard, epoch=number, reason=str(reason))
        return
    chronicle.note_snapshot(shard, number)


def _close(shard: int) -> int:
    known = chronicle.newest(shard)
    (answer,) = get_reader().query("epochs", {"limit": MOST_AT_ONCE}, shards=[shard])
    done = chronicle.close(shard, [row for row in answer.rows if row["epoch"] > known])
    chronicle.forget(shard, keep=KEEP)
    return done
