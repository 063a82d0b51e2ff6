"""Reading views: who is live, one merged answer of all shards, and the version it equals."""

from functools import cache

from django.conf import settings

from blackboard import board
from views_engine.reading.door import BadQuery, Door
from views_engine.reading.reader import Reader, ShardAnswer, Stream, Unavailable
from views_engine.reading.seats import Seats
from views_engine.reading.versions import BadVersion, Position, Version

__all__ = [
    "BadQuery",
    "BadVersion",
    "Position",
    "Reader",
    "ShardAnswer",
    "Stream",
    "Unavailable",
    "Version",
    "get_reader",
]


@cache
def get_reader() -> Reader:
    """The reader of this process, built on first use."""
    config = settings.CONFIG
    return Reader(
        door=Door(settings.INTERNAL_SECRET, quick_s=config.board.lease_s),
        seats=Seats(board.live, keep_s=min(1.0, config.board.lease_s / 2)),
        shards=config.log.shards,
        patience_s=config.board.read_patience_s,
    )
