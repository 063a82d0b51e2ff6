"""From the raw log to the ordered log: decode, judge, sort, mark epochs."""

from events.reformer.worker import Reformer, ReformerSettings

__all__ = ["Reformer", "ReformerSettings"]
