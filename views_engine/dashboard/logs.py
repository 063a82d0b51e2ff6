"""How far the logs and the reformer are, for the pipeline page. JSON, GET only; clients should use `/api/v1/`."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from events.log import get_log
from events.log.base import LogUnavailable, Topic
from events.reformer.state import State
from events.reformer.worker import GROUP
from views_engine.dashboard.points import chart_data
from views_engine.reading import Unavailable


@chart_data
def logs(query: Mapping[str, str]) -> dict[str, Any]:
    """`{"shards": [{"shard", "raw", "ordered", "reformer"}]}`: positions are the next ones, times milliseconds."""
    try:
        return {"shards": [_shard(shard) for shard in range(settings.CONFIG.log.shards)]}
    except LogUnavailable as error:
        raise Unavailable(f"The log cannot be read: {error}") from error


def _shard(shard: int) -> dict[str, Any]:
    """The reformer is read before the heads, so that it is never ahead of them."""
    log = get_log()
    committed = log.committed(GROUP, shard)
    state = State.read(committed.state)
    raw, ordered = log.head(Topic.RAW, shard), log.head(Topic.ORDERED, shard)
    return {
        "shard": shard,
        "raw": {"position": raw.position, "events": raw.events},
        "ordered": {"position": ordered.position, "events": ordered.events},
        "reformer": {
            "position": committed.position,
            "pending": raw.events - state.raw_events,
            "waiting": state.late,
            "epoch": state.epoch,
            "clock": state.clock,
        },
    }
