"""Short words for tests of rules: versions, readings, and what a rule says of them, folded in order."""

from collections.abc import Sequence
from typing import Any

import msgspec

from events.controls import DeviceFacts, RuleVersion
from events.event import canonical
from views_engine.folds.contract import Output, Reading
from views_engine.rules.alert import alert_unit
from views_engine.rules.interval import Interval
from views_engine.rules.run import RunUnit, shown
from views_engine.rules.silence import SilenceUnit, tail
from views_engine.rules.timeline import Knowledge

S = 1000
"""Milliseconds; tests count in seconds."""

NOW = 1_000_000


def version(number: int = 1, *, since: float = 0, kind: str = "threshold", **changes: Any) -> RuleVersion:
    """A version from `since` (s) on; parameters may be given by name."""
    own = {name: changes.pop(name) for name in RuleVersion.__struct_fields__ if name in changes}
    facts: dict[str, Any] = {
        "rule": 7,
        "name": "hot",
        "event_type": None if kind in ("battery", "geofence", "no_data") else "temperature",
        "severity": "warning",
        "parameters": changes,
        **own,
    }
    return RuleVersion(version=number, kind=kind, effective_from=round(since * S), **facts)


def reading(at: float, value: float | None = None, *, where: tuple[float, float] | None = None, **more: Any) -> Reading:
    """A reading at `at` (s) of so many degrees or percent, or at (longitude, latitude)."""
    facts: dict[str, Any] = {
        "device_id": "hive",
        "event_type": "location" if where else "temperature",
        "event_id": "",
        "seq": -1,
        "timeless": False,
        **more,
    }
    longitude, latitude = (canonical(where[0]), canonical(where[1])) if where else (None, None)
    number = None if value is None else canonical(value)
    return Reading(observed_at=round(at * S), value=number, longitude=longitude, latitude=latitude, **facts)


def series(*points: tuple[float, float], **more: Any) -> list[Reading]:
    """Readings of (second, value), in their order."""
    return [reading(at, value, seq=number, **more) for number, (at, value) in enumerate(points)]


def alerts(
    versions: RuleVersion | Sequence[RuleVersion],
    readings: Sequence[Reading],
    facts: Sequence[DeviceFacts] = (),
    clock: float = NOW,
) -> list[Interval]:
    """What the rule says of device hive when the log's clock stands at `clock` (s)."""
    several = [versions] if isinstance(versions, RuleVersion) else versions
    unit = alert_unit(Knowledge(rules={7: several}, facts={"hive": facts}), 7)
    if unit is None:
        return []
    seen = [one for one in readings if unit.event_types is None or one.event_type in unit.event_types]
    if isinstance(unit, SilenceUnit):
        found = [interval for one in looking_back(seen) for interval in unit.apply(None, one)[1]]
        last = tail(unit.judged.segments("hive"), "hive", seen[-1].observed_at, round(clock * S)) if seen else []
        return [*_read(found), *last]
    return _run(unit, looking_back(seen) if unit.looks_back else seen, round(clock * S))


def _run(unit: RunUnit, readings: Sequence[Reading], clock: int) -> list[Interval]:
    state, found = unit.initial(), list[Output]()
    for one in readings:
        state, outputs = unit.apply(state, one)
        found += outputs
    open_one = shown(state.run, unit.judged.segments("hive"), clock) if state and state.run else None
    return [*_read(found), *([open_one] if open_one else [])]


def looking_back(readings: Sequence[Reading]) -> list[Reading]:
    before = [None, *((one.observed_at, one.value) for one in readings)]
    return [msgspec.structs.replace(one, before=known) for one, known in zip(readings, before, strict=False)]


def _read(outputs: Sequence[Any]) -> list[Interval]:
    return [msgspec.convert(output.body, Interval) for output in outputs]


def times(found: Sequence[Interval]) -> list[tuple[float, float, float | None]]:
    """When each started, was raised and cleared, in seconds."""
    return [
        (one.started_at / S, one.raised_at / S, None if one.cleared_at is None else one.cleared_at / S) for one in found
    ]
