"""Where the reformers of a process get what people decided."""

from collections.abc import Callable, Sequence

import structlog

from events import control_outbox, device_facts
from events.controls import Control

log = structlog.get_logger(__name__)


class Decisions:
    """Asks the outbox, and sees to it first that the facts of devices are in there; `clock` gives milliseconds.

    The first time it compares the facts whatever was counted: somebody may have written past the models.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._compared = False
        self._nothing: dict[int, tuple[int, int]] = {}

    def behind(self, shard: int, number: int) -> Sequence[Control]:
        """The next decisions behind `number` that concern the shard."""
        device_facts.tell(self._clock(), compare=not self._compared)
        self._compared = True
        last = control_outbox.standing().last
        if last < number:
            log.error("the log knows decisions that the database has forgotten", shard=shard, last=last, known=number)
            control_outbox.go_on_from(number)
        if self._nothing.get(shard) == (number, last):
            return ()
        found = control_outbox.pending(shard, number)
        if not found:
            self._nothing[shard] = number, last
        return found
