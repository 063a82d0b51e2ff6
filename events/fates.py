"""The fates of events. Apart from `records`, so that small processes need not load the columns library."""

from enum import StrEnum


class Fate(StrEnum):
    """The one thing that became of an event."""

    APPLIED = "applied"
    APPLIED_LATE = "applied_late"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    FUTURE = "future"
    TOO_OLD = "too_old"
    INVALID = "invalid"
    UNKNOWN_DEVICE = "unknown_device"
    PENDING = "pending"
