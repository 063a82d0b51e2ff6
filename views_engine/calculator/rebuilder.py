"""A calculator looks now and then whether somebody asks it to make views again, and does so between two steps."""

import time
from collections.abc import Callable

import duckdb
import structlog
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone

from views_engine.calculator.damage import means_damage
from views_engine.calculator.rebuild import NoSuchUnit, rebuild
from views_engine.calculator.store import Store
from views_engine.models import Rebuild

log = structlog.get_logger(__name__)

LOOK_S = 1.0
MOST_ATTEMPTS = 3
"""A rebuild that ends the process so often is given up: the old views stand, and events go on."""


class Rebuilder:
    """For the calculator of that name. What was under way when it was killed is begun again."""

    def __init__(self, store: Store, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.store, self.name, self._clock = store, name, clock
        self._next_look = 0.0

    def step(self) -> bool:
        """Whether anything was made again."""
        if self._clock() < self._next_look:
            return False
        self._next_look = self._clock() + LOOK_S
        try:
            asked = self._claim()
        except DatabaseError as error:
            log.warning("rebuilds_unknown", calculator=self.name, reason=str(error))
            return False
        if asked is not None:
            self._carry_out(asked)
        return asked is not None

    def _claim(self) -> Rebuild | None:
        """The oldest request that has not ended; nobody else runs under this name."""
        mine = Rebuild.objects.filter(calculator=self.name)
        asked = mine.exclude(status__in=[Rebuild.Status.DONE, Rebuild.Status.FAILED]).order_by("pk").first()
        if asked is None:
            return None
        if asked.attempts >= MOST_ATTEMPTS:
            self._end(asked, "the calculator ended each time before it was done; its last error is in the log")
            return None
        Rebuild.objects.filter(pk=asked.pk).update(status=Rebuild.Status.RUNNING, attempts=F("attempts") + 1)
        return asked

    def _carry_out(self, asked: Rebuild) -> None:
        began = self._clock()
        try:
            rebuild(self.store, asked.units or None, tell=lambda done, events: self._tell(asked, done, events))
        except (NoSuchUnit, duckdb.Error) as error:
            if means_damage(error) or isinstance(error, duckdb.FatalException):
                raise
            log.exception("rebuild_failed", calculator=self.name, units=asked.units)
            self._end(asked, str(error))
            return
        log.info("rebuilt", calculator=self.name, units=asked.units, seconds=round(self._clock() - began, 3))
        self._end(asked, "")

    @staticmethod
    def _tell(asked: Rebuild, done: int, events: int) -> None:
        try:
            Rebuild.objects.filter(pk=asked.pk).update(done_events=done, all_events=events)
        except DatabaseError:
            return  # how far it is matters less than that it goes on

    def _end(self, asked: Rebuild, error: str) -> None:
        status = Rebuild.Status.FAILED if error else Rebuild.Status.DONE
        try:
            Rebuild.objects.filter(pk=asked.pk).update(status=status, error=error, finished_at=timezone.now())
        except DatabaseError as away:
            # It stays open and is done once more, which changes nothing.
            log.warning("rebuilds_unknown", calculator=self.name, reason=str(away))
