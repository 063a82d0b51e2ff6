"""The controller: reads the facts, decides, applies. Any number of them may run; the board lets one win each move."""

from collections.abc import Callable

import structlog

from blackboard import board, metrics
from blackboard.decisions import Advance, Move, decide
from blackboard.loop import now_ms

log = structlog.get_logger(__name__)


class Controller:
    """A worker whose step is one round of decisions."""

    def __init__(self, *, clock: Callable[[], int] = now_ms) -> None:
        self.clock = clock

    def step(self) -> bool:
        """Whether anything had to be changed."""
        now = self.clock()
        facts = board.facts()
        metrics.note(facts, now)
        done = [self._carry_out(move, now) for move in decide(facts, now)]
        return any(done)

    def close(self) -> None:
        """Nothing to let go of."""

    @staticmethod
    def _carry_out(move: Move, now: int) -> bool:
        done = board.apply(move, now)
        metrics.MOVES.labels(type(move).__name__.lower(), "done" if done else "lost").inc()
        (log.debug if isinstance(move, Advance) else log.info)("move", move=move, done=done)
        return done
