"""Everything that is wrong with a rule before it is taken, field by field; the API and the admin ask the same."""

from collections.abc import Mapping
from typing import Any

from events import catalogue
from views_engine import rules
from views_engine.alerts import scopes
from views_engine.alerts.models import Rule
from views_engine.rules import Fault


def faults(given: Mapping[str, Any], rule: Rule | None = None) -> list[Fault]:
    """What is wrong with the rule as given, or with `rule` as it would stand after a change to what is given."""
    kind = given.get("kind", rule.kind if rule else None)
    event_type = given.get("event_type", (rule.event_type or None) if rule else None)
    parameters = given.get("parameters", rule.parameters if rule else None)
    found = [*rules.check(kind, event_type, parameters), *_unknown_type(event_type)]
    return [*found, *_stranger_faults(given.get("scope")), *(_changed(kind, event_type, rule) if rule else ())]


def _unknown_type(event_type: Any) -> list[Fault]:
    if not isinstance(event_type, str) or event_type in catalogue.current_types():
        return []
    return [Fault("/event_type", "unknown_event_type", "There is no event type of this name.")]


def _stranger_faults(scope: Any) -> list[Fault]:
    if not scopes.is_scope(scope):
        return []
    return [Fault(f"/scope{place}", "does_not_exist", sentence) for place, sentence in scopes.strangers(scope)]


def _changed(kind: Any, event_type: Any, rule: Rule) -> list[Fault]:
    """A rule that judged something else would be another one; its alerts could not tell."""
    was = {"kind": (rule.kind, kind), "event_type": (rule.event_type or None, event_type)}
    return [
        Fault(f"/{name}", "immutable", f"The {name} of a rule never changes; make another rule.")
        for name, (before, after) in was.items()
        if before != after
    ]
