"""Whom a rule judges: by names as people write them, by keys in the log, so that a new name changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from devices.models import Device, DeviceType, Group, Tag
from events.controls import Scope

Names = Mapping[str, Sequence[str]]

NAMED: Mapping[str, tuple[Any, str]] = {
    "devices": (Device, "device_id"),
    "device_types": (DeviceType, "slug"),
    "groups": (Group, "name"),
    "tags": (Tag, "name"),
}
"""The members of a scope: what they name, and by which field."""


def is_scope(given: Any) -> bool:
    """Whether this is lists of texts under the members of a scope."""
    return isinstance(given, Mapping) and all(
        member in NAMED and isinstance(names, list) and all(isinstance(name, str) for name in names)
        for member, names in given.items()
    )


def in_keys(scope: Names) -> Scope:
    """The scope as the log has it. A name that nobody bears any longer matches nobody."""
    keys = {member: _keys(member, scope.get(member, ())) for member in NAMED if member != "devices"}
    return Scope(devices=sorted(scope.get("devices", ())), **keys)


def strangers(scope: Names) -> Iterator[tuple[str, str]]:
    """What the scope names and is not there: where in the scope (`/groups/0`), and a sentence."""
    for member, (model, _) in NAMED.items():
        names = scope.get(member, ())
        known = _known(member, names)
        for place, name in enumerate(names):
            if name not in known:
                yield f"/{member}/{place}", f"There is no {model._meta.verbose_name} {name!r}."


def renamed(scope: Names, member: str, before: str, after: str) -> dict[str, list[str]]:
    """The same scope, where something that it names is called otherwise now."""
    return {
        each: [after if each == member and name == before else name for name in names] for each, names in scope.items()
    }


def _keys(member: str, names: Sequence[str]) -> list[str]:
    known = _known(member, names)
    return sorted(str(known[name]) if name in known else f"gone: {name}" for name in names)


def _known(member: str, names: Sequence[str]) -> dict[str, int]:
    model, field = NAMED[member]
    wanted = [name for name in names if "\0" not in name]
    return dict(model.objects.filter(**{f"{field}__in": wanted}).values_list(field, "pk")) if wanted else {}
