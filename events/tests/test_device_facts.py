"""The facts of devices: told when they change, once, however they were changed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from devices import bulk, facts
from devices.models import Device, DeviceType, Group, Tag
from events import control_outbox, device_facts
from events.controls import DeviceFacts
from events.log.base import shard_of
from events.models import ControlRecord
from events.reformer.decisions import Decisions
from events.tests.reforming import NOON

pytestmark = pytest.mark.django_db


def told() -> list[DeviceFacts]:
    """What is told from now on."""
    before = control_outbox.standing().last
    device_facts.tell(NOON)
    return [found.body for found in control_outbox.pending(0, before) if isinstance(found.body, DeviceFacts)]


@pytest.fixture
def device() -> Device:
    """In group `cold`, with the tag `roof`, of type `th`; all of it told."""
    device = Device.objects.create(device_id="a", device_type=DeviceType.objects.create(slug="th", name="T"))
    device.groups.add(Group.objects.create(name="cold"))
    device.tags.add(Tag.objects.create(name="roof"))
    told()
    return device


def test_a_new_device_of_which_there_is_nothing_to_say_makes_no_control() -> None:
    Device.objects.create(device_id="a")
    assert told() == []


def test_a_device_is_told_with_all_it_has() -> None:
    group, tag = Group.objects.create(name="cold"), Tag.objects.create(name="roof")
    device = Device.objects.create(device_id="a")
    device.groups.add(group)
    device.tags.add(tag)
    assert told() == [DeviceFacts(device_id="a", since=NOON, groups=[str(group.pk)], tags=[str(tag.pk)])]


CHANGES: dict[str, Callable[[Device], Any]] = {
    "type taken": lambda device: Device.objects.update_or_create(pk=device.pk, defaults={"device_type": None}),
    "type deleted": lambda device: DeviceType.objects.all().delete(),
    "group deleted": lambda device: Group.objects.all().delete(),
    "group left": lambda device: device.groups.clear(),
    "group set from its side": lambda device: Group.objects.get().devices.set([]),
    "tag deleted": lambda device: Tag.objects.get().delete(),
    "tag added": lambda device: device.tags.add(Tag.objects.create(name="new")),
    "device deleted": lambda device: device.delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_way_of_changing_is_told_once(device: Device, change: Callable[[Device], Any]) -> None:
    change(device)
    assert [facts.device_id for facts in told()] == ["a"]
    assert told() == []


def test_another_name_changes_nothing(device: Device) -> None:
    Group.objects.update(name="colder")
    device.name = "Roof"
    device.save()
    assert told() == []


def test_a_table_of_devices_is_told() -> None:
    Group.objects.create(name="cold")
    bulk.create("device_id,groups,tags\na,cold,x;y\nb,,\n")
    (facts,) = told()
    assert (facts.device_id, len(facts.groups), len(facts.tags)) == ("a", 1, 2)


def test_a_change_that_is_rolled_back_was_none(device: Device) -> None:
    with transaction.atomic():
        device.groups.clear()
        transaction.set_rollback(True)
    assert told() == []


def test_whoever_dies_while_telling_has_told_nothing(device: Device) -> None:
    device.groups.clear()
    with transaction.atomic():
        device_facts.tell(NOON)
        transaction.set_rollback(True)
    assert [facts.groups for facts in told()] == [[]]


def test_facts_never_hold_from_before_those_they_replace(device: Device) -> None:
    device.groups.clear()
    device_facts.tell(NOON - 3_600_000)
    assert ControlRecord.objects.last().body["since"] == NOON  # type: ignore[union-attr]


def test_nothing_changed_costs_two_queries(device: Device, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        device_facts.tell(NOON)


def test_a_process_compares_once_even_if_nobody_counted(device: Device) -> None:
    Device.objects.update(device_type=None)
    assert told() == []
    found = Decisions(lambda: NOON).behind(0, control_outbox.standing().last)
    assert [control.body.device_type for control in found if isinstance(control.body, DeviceFacts)] == [None]


def test_facts_go_to_the_shard_of_their_device(settings: Any) -> None:
    log = settings.CONFIG.log.model_copy(update={"shards": 3})
    settings.CONFIG = settings.CONFIG.model_copy(update={"log": log})
    group = Group.objects.create(name="cold")
    group.devices.set([Device.objects.create(device_id=name) for name in ("a", "b", "c", "d")])
    device_facts.tell(NOON)
    for shard in range(3):
        bodies = [found.body for found in control_outbox.pending(shard, 0)]
        assert all(isinstance(body, DeviceFacts) and shard_of(body.device_id, 3) == shard for body in bodies)
    assert ControlRecord.objects.count() == 4


def test_a_database_that_was_set_back_gives_no_number_again(device: Device) -> None:
    decisions = Decisions(lambda: NOON)
    assert decisions.behind(0, 100) == []
    device.groups.clear()
    assert [control.number for control in decisions.behind(0, 100)] == [101]


def test_what_changes_while_facts_are_compared_is_told_with_them(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = facts.present
    seen: list[Any] = []

    def meanwhile() -> dict[str, Any]:
        found = compare()
        if not seen:
            seen.append(found)
            device.tags.clear()
        return found

    device.groups.clear()
    monkeypatch.setattr(facts, "present", meanwhile)
    (news,) = told()
    assert (news.groups, news.tags) == ([], [])
    assert told() == []
