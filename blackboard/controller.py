"""The controller: reads the facts, decides, applies. Any number of them may run; the board lets one win each move."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import structlog
from django.conf import settings

from blackboard import board, metrics, probing
from blackboard.decisions import Advance, Facts, Limits, Move, decide
from blackboard.facts import Member
from blackboard.loop import now_ms
from blackboard.shard import lives

log = structlog.get_logger(__name__)

Probe = Callable[[Iterable[Member]], frozenset[tuple[int, int]]]


class Controller:
    """A worker whose step is one round of decisions. `probe` says which processes are surely gone."""

    def __init__(self, *, clock: Callable[[], int] = now_ms, probe: Probe = probing.gone) -> None:
        self.clock, self.probe = clock, probe
        self.limits = Limits(tether_s=settings.CONFIG.board.promote_tether_s)

    def step(self) -> bool:
        """Whether anything had to be changed."""
        facts = self._facts(self.clock())
        now = self.clock()
        metrics.note(facts, now)
        done = [self._carry_out(move, now) for move in decide(facts, now, self.limits)]
        return any(done)

    def close(self) -> None:
        """Nothing to let go of."""

    def _facts(self, now: int) -> Facts:
        facts = board.facts()
        return replace(facts, gone=self.probe(member for member in facts.members if lives(member, now)))

    @staticmethod
    def _carry_out(move: Move, now: int) -> bool:
        done = board.apply(move, now)
        metrics.MOVES.labels(type(move).__name__.lower(), "done" if done else "lost").inc()
        (log.debug if isinstance(move, Advance) else log.info)("move", move=move, done=done)
        return done
