"""Alerts, thought of in two ways: the folds of the rules, in any order of arrival, and the lists of the verifier."""

import os
from itertools import groupby
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from events.controls import DeviceFacts, RuleVersion, text_of
from tests.property.decisions import decided, stirring, types_of
from tests.property.histories import HOUR, Event
from tests.property.system import NOON
from views_engine.folds.contract import Reading
from views_engine.folds.memory import Memory
from views_engine.rules.alert import AlertUnit, alert_unit, one_each, standing
from views_engine.rules.interval import Interval
from views_engine.rules.timeline import Knowledge
from views_engine.verify.alerts import Row, alerts, decisions
from views_engine.verify.fold import Device
from views_engine.verify.reading import Facts, Observed, read_line
from views_engine.verify.views import COLUMNS

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "30"))
CLOCKS = st.sampled_from([NOON - 1, NOON, NOON + HOUR, NOON + 100 * HOUR])


def observed(events: list[dict[str, Any]]) -> list[Observed]:
    facts = Facts(custom_types={"door"})
    lines = [msgspec.json.encode(event) for event in events]
    read = [
        read_line(line, arrival=place, received_at=NOON, own_times=False, facts=facts)
        for place, line in enumerate(lines)
    ]
    return sorted({(one.device_id, *one[:5]): one for one in read}.values(), key=lambda one: (one.device_id, one[:5]))


def knowledge(said: list[RuleVersion | DeviceFacts]) -> Knowledge:
    rules: dict[int, list[RuleVersion]] = {}
    facts: dict[str, list[DeviceFacts]] = {}
    for body in said:
        if isinstance(body, RuleVersion):
            rules.setdefault(body.rule, []).append(body)
        else:
            facts.setdefault(body.device_id, []).append(body)
    return Knowledge(rules, facts)


def readings(events: list[Observed]) -> list[Reading]:
    return [
        Reading(**{name: getattr(one, name) for name in Reading.__struct_fields__ if hasattr(one, name)})
        for one in events
    ]


def folded(unit: AlertUnit, on_time: list[Observed], late: list[Observed], clock: int) -> list[Row]:
    memory = Memory(unit)
    memory.append(readings(on_time))
    memory.insert(readings(late))
    rows = []
    for device_id in sorted({one.device_id for one in [*on_time, *late]}):
        assert memory.faults(device_id) == []
        made = [msgspec.json.decode(row.body, type=Interval) for row in memory.rows(device_id)]
        device = memory.devices[device_id]
        last = max((one.observed_at for one in device.readings), default=None)
        found = one_each([*made, *standing(unit, device_id, _state(memory, device.held), last, clock)])
        rows += [tuple(getattr(alert, name) for name in COLUMNS["alert_intervals"]) for alert in found]
    return sorted(rows)


def _state(memory: Memory, held: bytes | None) -> Any:
    return memory.folder.read(held)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Event], list[bool], list[RuleVersion | DeviceFacts]]:
    said = draw(decided())
    events = draw(st.lists(stirring(types_of(said)), max_size=16))
    return events, draw(st.lists(st.booleans(), max_size=16)), said


@settings(max_examples=EXAMPLES * 5, deadline=None)
@given(histories(), CLOCKS)
def test_the_folds_of_rules_equal_the_lists_of_the_verifier(
    history: tuple[list[Event], list[bool], list[RuleVersion | DeviceFacts]], clock: int
) -> None:
    events, lateness, said = history
    ordered = observed(events)
    is_late = [*lateness, *[False] * len(ordered)]
    on_time = [one for place, one in enumerate(ordered) if not is_late[place]]
    late = [one for place, one in enumerate(ordered) if is_late[place]]
    plain = decisions(text_of(body).decode() for body in said)
    devices = [Device(name, NOON, list(own)) for name, own in groupby(ordered, lambda one: one.device_id)]
    known = knowledge(said)
    for rule in known.rules:
        unit = alert_unit(known, rule)
        assert unit is not None
        expected = [row for device in devices for row in alerts(device, plain, clock) if row[2] == rule]
        assert folded(unit, on_time, late, clock) == sorted(expected)
