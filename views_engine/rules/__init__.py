"""The kinds of rules: one file each, and one line here. Pure."""

from collections.abc import Mapping
from typing import Any

from views_engine.rules.base import Fault, Fields, Kind
from views_engine.rules.battery import Battery
from views_engine.rules.geofence import Geofence
from views_engine.rules.no_data import NoData
from views_engine.rules.range import Range
from views_engine.rules.rate_of_change import RateOfChange
from views_engine.rules.threshold import Threshold

_ALL: tuple[Kind, ...] = (Threshold(), Range(), RateOfChange(), NoData(), Geofence(), Battery())
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}

WITHOUT_NUMBER = ("location",)
"""Event types that are something else than one number."""


def check(kind: Any, event_type: Any, parameters: Any) -> list[Fault]:
    """Everything that is wrong with a rule, field by field; nothing where it can judge."""
    if kind is None:
        return [Fault("/kind", "missing", "kind is required.")]
    if not isinstance(kind, str) or kind not in KINDS:
        return [Fault("/kind", "unknown_kind", f"kind is one of {' '.join(KINDS)}.")]
    faults = _event_type_faults(KINDS[kind], event_type)
    if parameters is None:
        parameters = {}
    if not isinstance(parameters, Mapping):
        return [*faults, Fault("/parameters", "wrong_type", "parameters must be an object.")]
    fields = Fields(parameters)
    KINDS[kind].check(fields)
    return [*faults, *fields.faults, *fields.unknown()]


def event_type_of(kind: Kind, event_type: str | None) -> str | None:
    """The event type that a rule judges; None for all of them."""
    return kind.needs.event_type or event_type


def _event_type_faults(kind: Kind, event_type: Any) -> list[Fault]:
    needed = kind.needs.event_type
    if event_type is None:
        return [Fault("/event_type", "missing", "event_type is required.")] if kind.needs.number else []
    if not isinstance(event_type, str) or not event_type:
        return [Fault("/event_type", "wrong_type", "event_type is the name of an event type.")]
    if needed is not None and event_type != needed:
        return [Fault("/event_type", "wrong_event_type", f"A rule of kind {kind.name} judges {needed}.")]
    if kind.needs.number and event_type in WITHOUT_NUMBER:
        return [Fault("/event_type", "wrong_event_type", f"{event_type} is not a number that {kind.name} could judge.")]
    return []


__all__ = ["KINDS", "Fault", "check", "event_type_of"]
