"""The alerts of every rule as fold units: a view like any other, a pure function of events and decisions."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from msgspec import structs

from events.controls import RuleVersion
from views_engine.folds.contract import FoldUnit
from views_engine.rules import KINDS, check, event_type_of
from views_engine.rules.base import Judging
from views_engine.rules.interval import Interval
from views_engine.rules.judged import Judged
from views_engine.rules.no_data import NoData
from views_engine.rules.run import RunUnit, shown
from views_engine.rules.silence import SilenceUnit, tail
from views_engine.rules.timeline import Knowledge

AlertUnit = RunUnit | SilenceUnit


def alert_units(knowledge: Knowledge) -> list[FoldUnit[Any]]:
    """One unit for each rule that can judge, named `rule:<id>`, by id.

    Their version never rises: whoever takes a decision from the log has the devices and times it concerns folded anew.
    """
    return [unit for rule in sorted(knowledge.rules) if (unit := alert_unit(knowledge, rule)) is not None]


def alert_unit(knowledge: Knowledge, rule: int) -> AlertUnit | None:
    """The unit of one rule; None where none of its versions makes sense."""
    versions = sensible(knowledge.rules.get(rule, ()))
    if not versions:
        return None
    judged, kind = Judged(versions, knowledge.facts), KINDS[versions[0].kind]
    event_type = event_type_of(kind, versions[0].event_type)
    if isinstance(kind, NoData):
        return SilenceUnit(event_type, judged)
    return RunUnit(cast(Judging, kind), event_type, judged)


def sensible(versions: Sequence[RuleVersion]) -> list[RuleVersion]:
    """The versions of a rule by number, where those that make no sense are disabled, and lead the list no more.

    A rule keeps its kind and event type: a version with others makes no sense, nor one with parameters that nobody
    should have let pass.
    """
    ordered = sorted(versions, key=lambda version: version.version)
    faulty = [bool(check(version.kind, version.event_type, version.parameters)) for version in ordered]
    first = faulty.index(False) if False in faulty else len(ordered)
    return [
        structs.replace(version, enabled=False) if faulty[place] or not _alike(version, ordered[first]) else version
        for place, version in enumerate(ordered)
        if place >= first
    ]


def _alike(version: RuleVersion, first: RuleVersion) -> bool:
    return (version.kind, version.event_type) == (first.kind, first.event_type)


def standing(unit: AlertUnit, device_id: str, state: Any, last: int | None, clock: int) -> list[Interval]:
    """What no event has put out yet, at `clock`: the alert of a run that goes on, or those of a silence that does.

    `state` is what the unit holds of the device; `last` when the newest event it reads was observed, None without any.
    """
    segments = unit.judged.segments(device_id)
    if isinstance(unit, SilenceUnit):
        return [] if last is None else tail(segments, device_id, last, clock)
    alert = shown(state.run, segments, clock) if state is not None and state.run is not None else None
    return [] if alert is None else [alert]


def one_each(intervals: Iterable[Interval]) -> list[Interval]:
    """Of intervals of a rule and device that start together only the last: readings of one moment may begin, clear
    and begin a run again, and an interval is named by its start."""
    named = {(alert.rule, alert.device_id, alert.started_at): alert for alert in intervals}
    return list(named.values())
