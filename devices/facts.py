"""What rules ask of devices: their types, groups and tags, by keys that a new name does not change."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models.signals import m2m_changed, post_delete

from devices.models import Device, DeviceType, Group, Tag
from devices.models.changes import note_change

Facts = dict[str, Any]
"""`device_type` (text or None), `groups` and `tags` (sorted lists of texts)."""

NOTHING: Facts = {"device_type": None, "groups": [], "tags": []}


def present() -> dict[str, Facts]:
    """The facts of every device of which there is something to say, set-wise."""
    found: defaultdict[str, Facts] = defaultdict(lambda: {"device_type": None, "groups": [], "tags": []})
    typed = Device.objects.exclude(device_type=None).values_list("device_id", "device_type_id")
    for device_id, key in typed:
        found[device_id]["device_type"] = str(key)
    for member in ("groups", "tags"):
        for device_id, key in _links(member):
            found[device_id][member].append(str(key))
    for facts in found.values():
        facts["groups"].sort()
        facts["tags"].sort()
    return dict(found)


def watch() -> None:
    """Counts changes of links and deletions, which happen inside a transaction with their signals.

    Whoever writes past the models says so with `note_change`.
    """
    for through in (Device.groups.through, Device.tags.through):
        m2m_changed.connect(_linked, sender=through, dispatch_uid=f"devices.facts.{through.__name__}")
    for model in (Device, DeviceType, Group, Tag):
        post_delete.connect(note_change, sender=model, dispatch_uid=f"devices.facts.deleted.{model.__name__}")


def _links(member: str) -> Iterable[tuple[str, int]]:
    return Device.objects.filter(**{f"{member}__isnull": False}).values_list("device_id", member)


def _linked(action: str, **_: Any) -> None:
    if action.startswith("post_"):
        note_change()
