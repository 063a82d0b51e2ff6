"""The alerts of a device, rule by rule, from its ordered events: docs/api.md read aloud, one list after another.

A rule keeps the kind and the event type of its first version. What people decided comes as the log has it, as plain
JSON; that its parameters make sense is taken for granted.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from views_engine.verify.fold import Device
from views_engine.verify.judging import JUDGES, Case, Mark
from views_engine.verify.reading import Observed

Version = Mapping[str, Any]
Row = tuple[Any, ...]
ONLY_TYPE = {"battery": "battery", "geofence": "location"}


class Decisions(NamedTuple):
    """Versions by rule and facts by device, as dictionaries, in the order of the log."""

    rules: Mapping[int, list[Version]] = {}
    facts: Mapping[str, list[Version]] = {}


def decisions(texts: Iterable[str]) -> Decisions:
    """From the JSON of all that was decided, in the order of the log."""
    rules, facts = defaultdict(list), defaultdict(list)
    for said in map(json.loads, texts):
        if said["type"] == "rule":
            rules[said["rule"]].append(said)
        elif said["type"] == "device":
            facts[said["device_id"]].append(said)
    return Decisions(dict(rules), dict(facts))


class Guard:
    """Which version judges one device at a time."""

    def __init__(self, versions: list[Version], facts: list[Version], device_id: str) -> None:
        self.versions = sorted(versions, key=lambda version: int(version["version"]))
        naming = [n for n, said in enumerate(facts) if said["device_type"] or said["groups"] or said["tags"]]
        self.facts = facts[naming[0] :] if naming else []
        self.device_id = device_id
        self.moments = sorted({version["effective_from"] for version in versions} | {said["since"] for said in facts})
        self._judges = [self._asked(moment) for moment in self.moments]

    def at(self, time: int) -> Version | None:
        place = bisect_right(self.moments, time) - 1
        return self._judges[place] if place >= 0 else None

    def stops(self, time: int) -> int | None:
        """The first moment after `time` at which nothing judges."""
        return next((moment for moment in self.moments if moment > time and self.at(moment) is None), None)

    def since(self, time: int) -> int:
        """From when on the version at `time` has judged without a break."""
        place = bisect_right(self.moments, time) - 1
        while place > 0 and self._judges[place - 1] is self._judges[place]:
            place -= 1
        return int(self.moments[place])

    def _asked(self, time: int) -> Version | None:
        in_force = [version for version in self.versions if version["effective_from"] <= time]
        spoken = [said for n, said in enumerate(self.facts) if n == 0 or said["since"] <= time]
        if not in_force or not self._sensible(in_force[-1]) or not in_force[-1]["enabled"]:
            return None
        return in_force[-1] if self._in_scope(in_force[-1]["scope"], spoken) else None

    def _sensible(self, version: Version) -> bool:
        first = self.versions[0]
        return bool((version["kind"], version["event_type"]) == (first["kind"], first["event_type"]))

    def _in_scope(self, scope: Version, spoken: list[Version]) -> bool:
        if not any(scope.values()):
            return True
        known = spoken[-1] if spoken else {"device_type": None, "groups": [], "tags": []}
        return (
            self.device_id in scope["devices"]
            or known["device_type"] in scope["device_types"]
            or not {*known["groups"]}.isdisjoint(scope["groups"])
            or not {*known["tags"]}.isdisjoint(scope["tags"])
        )


def alerts(device: Device, said: Decisions, clock: int) -> Iterator[Row]:
    """All intervals, open ones too, as they stand at `clock`; of several that start together the last."""
    found: dict[tuple[int, int], Row] = {}
    for rule, versions in said.rules.items():
        guard = Guard(versions, said.facts.get(device.device_id, []), device.device_id)
        first = guard.versions[0]
        event_type = ONLY_TYPE.get(first["kind"], first["event_type"])
        events = [event for event in device.events if event_type in (None, event.event_type)]
        rows = _silences if first["kind"] == "no_data" else _runs
        for version, started, raised, cleared, value in rows(events, guard, clock):
            names = version["severity"], version["name"], version["version"]
            found[started, rule] = (started, device.device_id, rule, *names, raised, cleared, value)
    yield from (row for _, row in sorted(found.items()))


def _runs(events: list[Observed], guard: Guard, clock: int) -> Iterator[Row]:
    marks = list(_marks(events, guard))
    place = 0
    while place < len(marks):
        if marks[place].verdict != "hot":
            place += 1
            continue
        started, stop = marks[place].at, guard.stops(marks[place].at)
        rest = range(place, len(marks))
        end = next((n for n in rest if _over(marks[n], stop)), len(marks))
        cut = stop is not None and (stop <= marks[end].at if end < len(marks) else stop <= clock)
        cleared = stop if cut else marks[end].at if end < len(marks) else None
        raising = next((mark for mark in marks[place:end] if mark.at >= started + mark.for_ms), None)
        if raising is not None:
            yield raising.version, started, raising.at, cleared, _most_extreme(marks[place:end])
        place = end if cut else end + 1


def _over(mark: Mark, stop: int | None) -> bool:
    return mark.verdict == "clear" or (stop is not None and mark.at >= stop)


def _marks(events: list[Observed], guard: Guard) -> Iterator[Mark]:
    """What each reading comes to; one that nothing judges is neither hot nor clear."""
    for place, event in enumerate(events):
        if event.value is None and event.latitude is None:
            continue
        version = guard.at(event.observed_at)
        if version is None:
            yield Mark(event.observed_at, "unseen", None, 0, {})
        else:
            yield JUDGES[version["kind"]](Case(events, place, version))


def _most_extreme(marks: list[Mark]) -> int | None:
    worst: int | None = None
    for mark in marks:
        if mark.measure is not None and (worst is None or mark.badness(mark.measure) > mark.badness(worst)):
            worst = mark.measure
    return worst


def _silences(events: list[Observed], guard: Guard, clock: int) -> Iterator[Row]:
    for before, after in pairwise(events):
        for version, started, ended in _quiet(guard, before.observed_at, after.observed_at):
            yield version, started, started, after.observed_at if ended is None else ended, None
    if events:
        for version, started, ended in _quiet(guard, events[-1].observed_at, clock + 1):
            yield version, started, started, ended, None


def _quiet(guard: Guard, last: int, until: int) -> Iterator[tuple[Version, int, int | None]]:
    """Silences between an event and `until`: version, start, and the end where the rule stopped judging."""
    opened: tuple[Version, int] | None = None
    inside = [moment for moment in guard.moments if last < moment < until]
    for start, end in pairwise([last, *inside, until]):
        version = guard.at(start)
        if version is None:
            if opened is not None:
                yield *opened, start
            opened = None
        elif opened is None:
            due = max(last, guard.since(start)) + round(version["parameters"]["after_s"] * 1000)
            opened = (version, due) if due < end else None
    if opened is not None:
        yield *opened, None
