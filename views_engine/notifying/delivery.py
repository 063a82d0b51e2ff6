"""Sending what is in the outbox: claim, send, mark.

1. **Claim**: a conditional update moves `next_attempt_at` into the future; whoever changed the row has it.
2. **Send**, outside of any transaction.
3. **Mark** what came of it, if the claim still stands.

Killed between 2 and 3, the message is due again when the claim runs out, and goes out a second time under the same
idempotency key: at least once, never silently not at all.
"""

import asyncio
import random
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from commandline.crash_points import crash_point
from views_engine.notifying import metrics, retrying
from views_engine.notifying.message import Message
from views_engine.notifying.models import OPEN, Attempt, Channel, Delivery
from views_engine.notifying.policy import Tone
from views_engine.notifying.posting import Hopeless, Limits, NotDelivered

log = structlog.get_logger(__name__)

MOST_A_CHANNEL = 4
"""Messages of one channel that are under way at a time."""
MOST_AT_ONCE = 32
PATIENCE_S = 60.0
"""After so long the rest is left to the next sweep."""


class Outcome(NamedTuple):
    """What came of one attempt, and how many seconds it took."""

    taken: bool
    answer: str
    seconds: float
    hopeless: bool = False


def deliver_due(
    *,
    clock: Callable[[], datetime] = timezone.now,
    chance: Callable[[], float] = random.random,
) -> int:
    """Sends everything that is due, all channels side by side; returns how many messages were taken.

    A channel that fails is left alone until the next sweep: the others do not wait for it.
    """
    _give_up(clock())
    failing: set[int] = set()
    taken, end = 0, time.monotonic() + PATIENCE_S
    while time.monotonic() < end and (claimed := _claim_round(clock(), failing)):
        crash_point("delivery.claimed")
        outcomes = asyncio.run(_send_all(claimed))
        crash_point("delivery.sent")
        for delivery, outcome in zip(claimed, outcomes, strict=True):
            mark(delivery, outcome, now=clock(), chance=chance())
            crash_point("delivery.marked")
            failing |= set() if outcome.taken else {delivery.channel_id}
        taken += sum(outcome.taken for outcome in outcomes)
    return taken


def _give_up(now: datetime) -> None:
    """What nobody sent in time, because the channel was off or no task ran, is no news any more."""
    stale = Delivery.objects.filter(state__in=OPEN, next_attempt_at__lte=now, give_up_at__lte=now)
    stale.update(state=Delivery.State.DEAD, last_error="Nobody sent it in time.")


def _claim_round(now: datetime, failing: Collection[int]) -> list[Delivery]:
    """Some messages of every channel that has any, claimed."""
    due = Delivery.objects.filter(state__in=OPEN, next_attempt_at__lte=now, channel__enabled=True)
    due = due.exclude(channel_id__in=failing)
    chosen: list[Delivery] = []
    for channel_id in due.order_by().values_list("channel_id", flat=True).distinct()[:MOST_AT_ONCE]:
        chosen += due.filter(channel_id=channel_id).select_related("channel").order_by("id")[:MOST_A_CHANNEL]
    return [delivery for delivery in chosen[:MOST_AT_ONCE] if claim(delivery, now)]


def claim(delivery: Delivery, now: datetime) -> bool:
    """Whether the message is now ours to send; nobody else's until the claim runs out."""
    until = now + timedelta(seconds=settings.CONFIG.notifying.deadline_s * 2 + PATIENCE_S)
    mine = Delivery.objects.filter(
        pk=delivery.pk, state__in=OPEN, attempts=delivery.attempts, next_attempt_at=delivery.next_attempt_at
    ).update(next_attempt_at=until, attempts=F("attempts") + 1)
    delivery.next_attempt_at, delivery.attempts = until, delivery.attempts + 1
    return mine == 1


async def _send_all(deliveries: Sequence[Delivery]) -> list[Outcome]:
    """What came of each. A mistake of ours in one message is that message's failure."""
    sending = (send(delivery.channel, message_of(delivery)) for delivery in deliveries)
    results = await asyncio.gather(*sending, return_exceptions=True)
    return [each if isinstance(each, Outcome) else _mistake(each) for each in results]


def _mistake(error: BaseException) -> Outcome:
    log.error("sending_failed", exc_info=error)
    return Outcome(False, f"Our own mistake: {type(error).__name__}.", 0.0)


async def send(channel: Channel, message: Message) -> Outcome:
    """One attempt; never raises for what the other side does."""
    config, begun = settings.CONFIG.notifying, time.monotonic()
    limits = Limits(deadline_s=config.deadline_s, allow_private=config.allow_private)
    try:
        answer = await channel.transport.send(message, channel.target, channel.secret, limits)
    except NotDelivered as error:
        return Outcome(False, str(error), time.monotonic() - begun, hopeless=isinstance(error, Hopeless))
    return Outcome(True, answer, time.monotonic() - begun)


def message_of(delivery: Delivery) -> Message:
    return Message(key=delivery.key, tone=Tone(delivery.tone), body=delivery.body)


def mark(delivery: Delivery, outcome: Outcome, *, now: datetime, chance: float) -> None:
    """Writes down what came of an attempt; if the claim was lost meanwhile, only that it was made."""
    changes = _changes(delivery, outcome, now, chance)
    with transaction.atomic():
        Attempt.objects.create(
            delivery_id=delivery.pk, at=now, seconds=outcome.seconds, taken=outcome.taken, answer=outcome.answer
        )
        Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, state__in=OPEN).update(**changes)
    _tell(delivery, outcome, str(changes["state"]))


def _changes(delivery: Delivery, outcome: Outcome, now: datetime, chance: float) -> dict[str, object]:
    if outcome.taken:
        return {"state": Delivery.State.SENT, "sent_at": now, "last_error": ""}
    again = retrying.next_attempt(attempts=delivery.attempts, now=now, give_up_at=delivery.give_up_at, chance=chance)
    if again is None or outcome.hopeless:
        return {"state": Delivery.State.DEAD, "last_error": outcome.answer}
    return {"state": Delivery.State.FAILED, "next_attempt_at": again, "last_error": outcome.answer}


def _tell(delivery: Delivery, outcome: Outcome, state: str) -> None:
    kind = delivery.channel.kind
    metrics.ATTEMPTS.labels(kind, "taken" if outcome.taken else "failed").inc()
    if state == Delivery.State.DEAD:
        metrics.DEAD.labels(kind).inc()
    if not outcome.taken:
        log.warning("not_delivered", delivery=delivery.key, kind=kind, state=state, reason=outcome.answer)
