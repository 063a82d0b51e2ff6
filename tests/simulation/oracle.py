"""What must be true: the named set taken straight from the logs, and every view folded anew from it. Shares no code
with what is tested but the units themselves.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from events.controls import RuleVersion
from events.log.base import Record
from events.records import Kind, read_control, read_marker
from tests.simulation.plain import Row, ordered_rows, raw_rows
from tests.simulation.units import Pauses, Swings, rule_units
from views_engine.folds.contract import FoldUnit, Key

Rows = dict[tuple[str, str], list[tuple[Key, Any]]]
"""By unit and device: what was put out and where, and at the end what is being shown."""


class Named(NamedTuple):
    """The set of a version: its events, the decisions known, and the log's clock."""

    events: list[Row]
    versions: list[RuleVersion]
    clock: int


def named(ordered: Iterable[Record], epoch: int, position: int) -> Named:
    """What (epoch, position) names: in time up to the position, late up to the epoch, decisions up to the position."""
    found, versions, clock = Named([], [], 0), list[RuleVersion](), 0
    heads: dict[str, Key] = {}
    known: set[tuple[str, int, str]] = set()
    waiting: list[Row] = []
    for record in ordered:
        if record.position >= position:
            break
        clock = max(clock, record.timestamp)
        kind = record.headers["kind"]
        if kind == Kind.EVENTS:
            fresh = _fresh(ordered_rows(record), known)
            before = dict(heads)
            for row in fresh:
                ahead = row.device not in before or row.key > before[row.device]
                (found.events if ahead else waiting).append(row)
                if ahead:
                    heads[row.device] = max(row.key, heads.get(row.device, row.key))
        elif kind == Kind.MARKER and read_marker(record).epoch <= epoch:
            found.events.extend(waiting)
            waiting = []
        elif kind == Kind.CONTROL:
            versions += [one.body for one in read_control(record) if isinstance(one.body, RuleVersion)]
    return Named(found.events, versions, clock)


def accepted(raw: Iterable[Record]) -> list[Row]:
    """Every event that was ever sent, the first of those with the same identity, in the order of arrival."""
    known: set[tuple[str, int, str]] = set()
    return [row for record in raw for row in _fresh(raw_rows(record), known)]


def _fresh(rows: Sequence[Row], known: set[tuple[str, int, str]]) -> list[Row]:
    fresh = []
    for row in sorted(rows, key=lambda row: row.arrival):
        if row.identity not in known:
            known.add(row.identity)
            fresh.append(row)
    return fresh


def folded(events: Sequence[Row], versions: Sequence[RuleVersion]) -> Rows:
    """Every unit's rows for every device, one event after the other from the very first."""
    units: list[FoldUnit[Any]] = [Swings(), Pauses(), *rule_units(versions)]
    devices = sorted({row.device for row in events})
    return {
        (unit.name, device): rows
        for unit in units
        for device in devices
        if (rows := _fold(unit, sorted((row for row in events if row.device == device), key=lambda row: row.key)))
    }


def _fold(unit: FoldUnit[Any], events: Sequence[Row]) -> list[tuple[Key, Any]]:
    if not events or not unit.covers(events[0].device):
        return []
    state, rows, before = unit.initial(), list[tuple[Key, Any]](), None
    for event in events:
        reading = replace(event.reading(), before=before if unit.looks_back else None)
        before = reading.observed_at, reading.value
        state, outputs = unit.apply(state, reading)
        rows += [(event.key, (output.since, dict(output.body))) for output in outputs]
    shown = unit.showing(state)
    return [*rows, (END, (shown.since, dict(shown.body)))] if shown else rows


END = Key(2**62, 0, "", "", False)
"""Where the row stands that is still in the making."""
