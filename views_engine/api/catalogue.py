"""The event types there are now, with their units."""

from collections.abc import Mapping

from events.catalogue import current_types


def units() -> Mapping[str, str | None]:
    """The canonical unit of every event type by slug; None for a type without one."""
    return {known.slug: known.unit or None for known in current_types()}
