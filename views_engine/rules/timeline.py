"""Which version of a rule judges a device, and when. Pure.

At a moment of observation the version in force is the highest-numbered one whose `effective_from` it has reached; what
is known of a device is what was said last of all that speaks of this moment.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

import msgspec

from events.controls import DeviceFacts, RuleVersion, Scope

FOREVER = 2**63 - 1
ALWAYS = -(2**63)

Said = TypeVar("Said", RuleVersion, DeviceFacts)


class Knowledge(msgspec.Struct, frozen=True):
    """All that was decided up to some position of the log: versions by rule, facts by device, each as they came."""

    rules: Mapping[int, Sequence[RuleVersion]] = {}
    facts: Mapping[str, Sequence[DeviceFacts]] = {}


class Segment(NamedTuple):
    """From `start` on and before `end` (ms) this version judges the device."""

    start: int
    end: int
    version: RuleVersion


def segments(versions: Sequence[RuleVersion], facts: Sequence[DeviceFacts], device_id: str) -> list[Segment]:
    """The stretches of time in which the rule judges the device, in order; neighbours differ in their version.

    A disabled version, or one whose scope the device is not in, judges nothing.
    """
    in_force = {start: version for start, _, version in _stretches(_by_number(versions))}
    known = {start: said for start, _, said in _stretches(_with_a_past(facts))}
    found: list[Segment] = []
    version, said = None, None
    moments = sorted({*in_force, *known})
    for start, end in pairwise([*moments, FOREVER]):
        version, said = in_force.get(start, version), known.get(start, said)
        if version is None or not version.enabled or not within(version.scope, device_id, said):
            continue
        if found and found[-1].end == start and found[-1].version == version:
            found[-1] = found[-1]._replace(end=end)
        else:
            found.append(Segment(start, end, version))
    return found


def version_stretches(versions: Sequence[RuleVersion]) -> list[Segment]:
    """When each enabled version is in force, whoever the device is."""
    return [Segment(*stretch) for stretch in _stretches(_by_number(versions)) if stretch[2].enabled]


def within(scope: Scope, device_id: str, facts: DeviceFacts | None) -> bool:
    if not (scope.devices or scope.device_types or scope.groups or scope.tags):
        return True
    if device_id in scope.devices:
        return True
    if facts is None:
        return False
    return (
        facts.device_type in scope.device_types
        or any(group in scope.groups for group in facts.groups)
        or any(tag in scope.tags for tag in facts.tags)
    )


def segment_at(judged: Sequence[Segment], moment: int) -> Segment | None:
    """The one that holds this moment; None where the device is not judged."""
    place = bisect_right(judged, moment, key=lambda segment: segment.start) - 1
    return judged[place] if place >= 0 and moment < judged[place].end else None


def judged_until(judged: Sequence[Segment], moment: int) -> int:
    """When the device, judged at this moment, is judged no longer; versions may follow each other in between."""
    end = moment
    for segment in judged:
        if segment.start <= end < segment.end:
            end = segment.end
    return end


def _by_number(versions: Iterable[RuleVersion]) -> list[tuple[int, RuleVersion]]:
    return [(version.effective_from, version) for version in sorted(versions, key=lambda version: version.version)]


def _with_a_past(facts: Sequence[DeviceFacts]) -> list[tuple[int, DeviceFacts]]:
    """The first facts that name anything hold for all the past, and what was said before them tells nothing."""
    first = next((place for place, said in enumerate(facts) if said.device_type or said.groups or said.tags), None)
    if first is None:
        return []
    return [(ALWAYS, facts[first]), *((said.since, said) for said in facts[first + 1 :])]


def _stretches(said: Sequence[tuple[int, Said]]) -> list[tuple[int, int, Said]]:
    """What holds when, of all that is said to hold from a moment on: of several, what was said last."""
    found: list[tuple[int, int, Said]] = []
    end = FOREVER
    # From the last word backwards: each earlier one holds from its moment until a later one begins.
    for start, what in reversed(said):
        if start < end:
            found.append((start, end, what))
            end = start
    return found[::-1]
