"""Asks calculators to make views again, one after the other, so that somebody always answers; or does it for them."""

import time
from collections.abc import Callable, Sequence
from functools import partial

import structlog
from django.conf import settings

from blackboard import board, queries
from blackboard.decisions import RoleName, Wish
from blackboard.loop import now_ms
from blackboard.models import Calculator
from events.log import get_log
from events.segments import History
from views_engine.calculator.files import store_path
from views_engine.calculator.process import open_store
from views_engine.calculator.rebuild import NoSuchUnit, rebuild
from views_engine.models import Rebuild

log = structlog.get_logger(__name__)

Tell = Callable[[str, int, int], object]
"""Hears of which calculator, how many events are done, and how many there are."""

LOOK_S = 0.2
UNHEARD_S = 60.0
"""So long a calculator may take to begin; a step of it may be under way."""


PROMOTION_S = 15.0
"""So long the rebuilt next is waited for to become live."""


class Failed(Exception):
    """A calculator did not make its views again; the message says which, and why."""


def rebuild_shard(shard: int, units: Sequence[str], *, tell: Tell) -> list[str]:
    """Makes these views (none named: all) of a shard again; the calculators that did it, in their order.

    Raises `NoSuchUnit` and `Failed`; for stores that nobody has open also `StoreUnusable`.
    """
    places = queries.places(shard, now_ms())
    if not places:
        return _by_ourselves(shard, units, tell)
    # Next first, which then takes over. Who is read from comes last: it answers as before, and takes in nothing new.
    ordered = sorted(places, key=lambda place: (place.role == RoleName.LIVE, place.role != RoleName.NEXT, place.name))
    done = []
    for place in ordered:
        done.append(_asked(place.name, shard, units, tell))
        if place.role == RoleName.NEXT:
            _promoted(place.name, shard)
    return done


def _promoted(name: str, shard: int) -> None:
    """Waits until this calculator is live. Where it is not let, the live one makes its views again in its place."""
    number = Calculator.objects.get(name=name).pk
    board.ask(shard=shard, wish=Wish.PROMOTE, calculator_id=number, by="rebuild_views")
    until = time.monotonic() + PROMOTION_S
    while time.monotonic() < until:
        seat = board.live(shard)
        if seat is not None and seat.calculator == name:
            return
        time.sleep(LOOK_S)
    log.warning("not_promoted", calculator=name, shard=shard)


def _asked(name: str, shard: int, units: Sequence[str], tell: Tell) -> str:
    asked = Rebuild.objects.create(calculator=name, shard=shard, units=list(units))
    heard = time.monotonic()
    while not asked.ended:
        time.sleep(LOOK_S)
        asked.refresh_from_db()
        tell(name, asked.done_events, asked.all_events)
        if asked.status == Rebuild.Status.WAITING and time.monotonic() - heard > UNHEARD_S:
            asked.delete()
            raise Failed(f"{name} did not begin within {UNHEARD_S:.0f} seconds; is it still running?")
    if asked.status == Rebuild.Status.FAILED:
        if asked.error.startswith("there is no unit"):
            raise NoSuchUnit(asked.error)
        raise Failed(f"{name}: {asked.error}")
    return name


def _by_ourselves(shard: int, units: Sequence[str], tell: Tell) -> list[str]:
    """Every store of the shard that lies here."""
    known = Calculator.objects.filter(shard=shard).values_list("name", flat=True)
    names = [name for name in sorted({*known, f"calculator-{shard}"}) if store_path(name).exists()]
    if not names:
        raise Failed(f"Shard {shard} has no views yet: nothing lies in {settings.DATA_DIR / 'views'}.")
    for name in names:
        store = open_store(name, shard=shard, history=History.from_settings(get_log()))
        try:
            rebuild(store, units or None, tell=partial(tell, name))
        finally:
            store.close()
    return names
