"""The event types as the database has them now, built in and defined by people."""

import threading
import time
from typing import Any

import structlog
from django.db import close_old_connections
from django.db.models import Count, Max

from events.event_types import BUILT_IN, BadDefinition, EventTypes
from events.models import EventType

log = structlog.get_logger(__name__)

FRESH_S = 2.0
"""`current_types` is at most so old."""


class Catalogue:
    """Compiles the definitions once and again when the table has changed; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp: Any = None
        self._types = BUILT_IN
        self._looked_at = float("-inf")

    def latest(self) -> EventTypes:
        """As the database says at this moment: one small query when nothing has changed."""
        with self._lock:
            stamp = _stamp()
            if stamp != self._stamp:
                self._types, self._stamp = _load(), stamp
            self._looked_at = time.monotonic()
            return self._types

    def current(self) -> EventTypes:
        """As it was at most `FRESH_S` ago."""
        return self._types if time.monotonic() - self._looked_at < FRESH_S else self.latest()


_catalogue = Catalogue()
event_types = _catalogue.latest
current_types = _catalogue.current


def _stamp() -> Any:
    """Differs after every change: an update moves the time, a deletion the count or the greatest key."""
    close_old_connections()
    return EventType.objects.aggregate(count=Count("pk"), last=Max("pk"), updated=Max("updated_at"))


def _load() -> EventTypes:
    types = BUILT_IN
    for row in EventType.objects.all():
        try:
            types = types.with_custom([row.definition()])
        except BadDefinition as error:
            log.error("event type left out", slug=row.slug, reason=str(error))
    return types
