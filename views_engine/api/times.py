"""Times as the API writes them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(milliseconds: int) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-01-31T12:00:00.000Z`."""
    at = _EPOCH + timedelta(milliseconds=milliseconds)
    return f"{at.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
