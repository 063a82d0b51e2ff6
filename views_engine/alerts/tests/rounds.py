"""Rounds of the mirror, for tests: views in memory, whose intervals a test sets, and a calculator that is live."""

from collections.abc import Collection
from typing import Any

from blackboard import board
from blackboard.models import Role
from views_engine.alerts.matching import Interval
from views_engine.alerts.models import Alert, Rule
from views_engine.alerts.revising import Moment
from views_engine.alerts.source import Tails
from views_engine.alerts.writing import Found, Pair
from views_engine.calculator.mirrored import At

MINUTE = 60_000
START = 1_770_000_000_000


def hot(**fields: Any) -> Rule:
    parameters = {"operator": ">", "value": 30}
    about = {"name": "Too hot", "kind": "threshold", "event_type": "temperature", "parameters": parameters}
    return Rule.objects.create(**{**about, **fields})


def lasted(start: int, end: int | None, **more: Any) -> Interval:
    """From minute `start` to minute `end` after START."""
    facts = {"raised_at": START + start * MINUTE, "value": 31_000_000, "severity": "warning", "rule_name": "Too hot"}
    cleared_at = None if end is None else START + end * MINUTE
    return Interval(started_at=START + start * MINUTE, cleared_at=cleared_at, **{**facts, **more})


class Views:
    """A source whose intervals are what a test says: the twin of a view store."""

    def __init__(self) -> None:
        self.at, self.clock = At(0, 0), START
        self.pairs: dict[Pair, list[Interval]] = {}
        self.causes: dict[tuple[int, str, int], dict[str, Any]] = {}
        self._touched: dict[Pair, At] = {}

    def say(self, rule: Rule, device: str, *intervals: Interval, late: bool = False, clock: int | None = None) -> None:
        """From the next record on the rule has these alerts of the device; `late`: because of an epoch."""
        self.at = At(self.at.epoch + late, self.at.position + 1)
        self.clock = self.clock + 1_000 if clock is None else clock
        self.pairs[rule.pk, device] = list(intervals)
        self._touched[rule.pk, device] = self.at

    def blame(self, rule: Rule, device: str, interval: Interval, cause: dict[str, Any]) -> None:
        self.causes[rule.pk, device, interval.started_at] = cause

    def has_moved(self, since: At) -> bool:
        return since != self.at

    def found(self, since: At, tails: Tails, also: Collection[Pair]) -> tuple[Found, Tails]:
        touched = [pair for pair, at in self._touched.items() if at.epoch > since.epoch or at.position > since.position]
        moment = Moment(shard=0, epoch=self.at.epoch, position=self.at.position, clock=self.clock)
        pairs = {pair: self.pairs.get(pair, []) for pair in [*touched, *also]}
        return Found(at=moment, pairs=pairs, causes=self.causes), {}


def appoint(name: str, fence: int = 1) -> int:
    """Makes a calculator of that name live for shard 0, under this fence, which is returned."""
    member = board.register(name=name, host="here", pid=1, shard=0, address="127.0.0.1:1")
    term = {"calculator_id": member.calculator_id, "incarnation": member.incarnation, "fence": fence, "since": START}
    Role.objects.update_or_create(shard=0, name="live", defaults=term)
    return fence


def told(alert: Alert) -> list[str]:
    """What became of an alert, change by change."""
    return list(alert.revisions.values_list("change", flat=True))
