"""What people ask of the controller: refused at once where nothing can come of it, else written down."""

from blackboard import board
from blackboard.decisions import LIMITS, Request, Wish
from blackboard.loop import now_ms
from blackboard.shard import Shard
from blackboard.wishes import refusal


class Impossible(Exception):
    """Nothing can come of it; the message says why."""


def ask(*, shard: int, wish: Wish, calculator_id: int | None, by: str) -> int:
    """The number of the request; raises `Impossible`. What can be done now may have to be refused a moment later."""
    now = now_ms()
    request = Request(number=0, shard=shard, wish=wish, calculator_id=calculator_id, asked_at=now, asked_by=by)
    if reason := refusal(Shard.of(board.facts(), shard, now, LIMITS), request):
        raise Impossible(f"{reason[:1].upper()}{reason[1:]}.")
    return board.ask(shard=shard, wish=wish, calculator_id=calculator_id, by=by, now=now)
