"""A rule follows the names of what its scope names, and judges as before."""

from typing import Any

import pytest

from devices.models import DeviceType, Group, Tag
from events import control_outbox
from views_engine.alerts.models import Rule

pytestmark = pytest.mark.django_db

NAMED: list[tuple[str, Any, str]] = [
    ("groups", Group, "name"),
    ("tags", Tag, "name"),
    ("device_types", DeviceType, "slug"),
]


@pytest.mark.parametrize(("member", "model", "field"), NAMED)
def test_another_name_is_another_name_in_the_rule(member: str, model: Any, field: str) -> None:
    named = model.objects.create(**{field: "old"})
    rule = Rule.objects.create(name="Hot", kind="no_data", parameters={"after_s": 1}, scope={member: ["a", "old"]})
    setattr(named, field, "new")
    named.save()
    rule.refresh_from_db()
    assert rule.scope == {member: ["a", "new"]}
    rule.save()
    assert (rule.version, control_outbox.standing().last) == (1, 1)


def test_what_is_called_the_same_elsewhere_stays() -> None:
    group = Group.objects.create(name="old")
    scope = {"tags": ["old"], "devices": ["old"]}
    Rule.objects.create(name="Hot", kind="no_data", parameters={"after_s": 1}, scope=scope)
    group.name = "new"
    group.save()
    assert Rule.objects.get().scope == scope
