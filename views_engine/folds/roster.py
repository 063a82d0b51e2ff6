"""Which fold units are at work: those of the settings, and one for each rule that can judge."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import duckdb
import structlog

from views_engine.calculator.controls import load
from views_engine.folds.batch import Types
from views_engine.folds.contract import FoldUnit
from views_engine.folds.engine import Folder
from views_engine.folds.own import own_units
from views_engine.rules.alert import alert_units
from views_engine.rules.timeline import Knowledge

log = structlog.get_logger(__name__)


class Member(Folder):
    """A unit at work, which remembers whom it covers."""

    def __init__(self, unit: FoldUnit[Any]) -> None:
        super().__init__(unit)
        self.name, self.event_types, self.looks_back = unit.name, unit.event_types, unit.looks_back
        self.reads_payload = unit.reads_payload
        self._covered: dict[str, bool] = {}

    def covers(self, device_id: str) -> bool:
        """Whether the unit reads the device; one that cannot say reads none of it."""
        found = self._covered.get(device_id)
        if found is None:
            found = self._covered[device_id] = self._asks(device_id)
        return found

    def _asks(self, device_id: str) -> bool:
        try:
            return bool(self.unit.covers(device_id))
        except Exception:
            log.exception("fold_unit_cannot_say_whom_it_covers", unit=self.name, device_id=device_id)
            return False


class Roster:
    """All units at work, by name."""

    def __init__(self, units: Iterable[FoldUnit[Any]]) -> None:
        self.members: Mapping[str, Member] = {unit.name: Member(unit) for unit in units}

    def __bool__(self) -> bool:
        return bool(self.members)

    @cached_property
    def event_types(self) -> Types:
        """All types that some unit reads; None for every type."""
        asked = [member.event_types for member in self.members.values()]
        return None if None in asked else frozenset().union(*(types for types in asked if types is not None))

    @cached_property
    def reads_payload(self) -> bool:
        return any(member.reads_payload for member in self.members.values())

    @cached_property
    def looking_back(self) -> Sequence[Types]:
        """The sets of types among which some unit asks for the event before."""
        return list(dict.fromkeys(member.event_types for member in self.members.values() if member.looks_back))


def active(db: duckdb.DuckDBPyConnection) -> Roster:
    """The units that the transaction of `db` knows; the same object while nothing is decided anew."""
    return _roster(load(db), tuple(own_units()))


_known: list[tuple[Knowledge, tuple[FoldUnit[Any], ...], Roster]] = []
_MOST_KNOWN = 4


def _roster(knowledge: Knowledge, own: tuple[FoldUnit[Any], ...]) -> Roster:
    for known, units, roster in _known:
        if known is knowledge and units == own:
            return roster
    roster = Roster((*own, *alert_units(knowledge)))
    _known.append((knowledge, own, roster))
    del _known[:-_MOST_KNOWN]
    return roster
