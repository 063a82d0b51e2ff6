from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from devices.models import Device, Group
from views_engine.notifying import outbox, tasks
from views_engine.notifying.models import Channel, Delivery
from views_engine.notifying.policy import Correction, Policy
from views_engine.notifying.tests.conftest import NOW, Alert, Broker, Revision

pytestmark = pytest.mark.django_db


def channel(name: str = "mail", **fields: Any) -> Channel:
    return Channel.objects.create(name=name, kind="email", target={"to": ["ops@example.com"]}, **fields)


def write(alert: Alert | None = None, revision: Revision | None = None, policy: Policy | None = None) -> int:
    return outbox.write(alert or Alert(), revision or Revision(), policy or Policy(), now=NOW)


def test_a_row_for_every_channel() -> None:
    channel("one"), channel("two")
    assert write() == 2
    row = Delivery.objects.filter(channel__name="one").get()
    assert (row.state, row.tone, row.next_attempt_at) == ("waiting", "notify", NOW)
    assert row.body["alert"] | {"id": 0} == {
        "id": 0,
        "rule": 3,
        "rule_name": "Too hot",
        "device_id": "meter-1",
        "severity": "critical",
        "state": "open",
        "started_at": "2026-03-01T12:00:00.000Z",
        "raised_at": "2026-03-01T12:00:00.000Z",
        "cleared_at": None,
        "value": 31.5,
    }


def test_the_same_revision_is_told_once_however_often_it_is_written() -> None:
    channel()
    assert [write(), write(), write()] == [1, 0, 0]
    assert Delivery.objects.count() == 1


def test_the_database_itself_refuses_a_second_row() -> None:
    channel()
    write()
    row = Delivery.objects.get()
    row.pk, row.key = None, "another"
    Delivery.objects.bulk_create([row], ignore_conflicts=True)
    assert Delivery.objects.count() == 1


def test_another_mirror_at_the_same_time_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both saw that nothing was told yet."""
    first = channel()
    write()
    monkeypatch.setattr(outbox, "_listening", lambda alert, channels: [first])
    write()
    assert Delivery.objects.count() == 1


def test_the_next_revision_is_another_message() -> None:
    channel()
    assert write() + write(revision=Revision(revision=2, change="cleared")) == 2
    assert len(set(Delivery.objects.values_list("key", flat=True))) == 2


def test_a_transaction_that_fails_tells_nobody(queue: Broker) -> None:
    channel()
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
    assert queue.asked == []


@pytest.mark.parametrize(
    ("least", "severity", "told"), [("info", "info", 1), ("critical", "warning", 0), ("warning", "critical", 1)]
)
def test_only_what_is_severe_enough(least: str, severity: str, told: int) -> None:
    channel(min_severity=least)
    assert write(Alert(severity=severity)) == told


@pytest.mark.parametrize(("rules", "told"), [([], 1), ([3], 1), ([4], 0), ([4, 3], 1)])
def test_only_of_the_rules_that_were_chosen(rules: list[int], told: int) -> None:
    channel(rules=rules)
    assert write() == told


def test_only_of_the_groups_that_were_chosen() -> None:
    inside, outside = Device.objects.create(device_id="inside"), Device.objects.create(device_id="outside")
    inside.groups.add(Group.objects.create(name="depot"))
    channel(groups=["depot"])
    assert write(Alert(device_id=inside.device_id)) == 1
    assert write(Alert(pk=8, device_id=outside.device_id)) == 0


def test_a_group_that_is_gone_makes_nobody_listen_to_everything() -> None:
    channel(groups=["gone"])
    assert write() == 0


def test_a_channel_that_is_off_hears_nothing() -> None:
    channel(enabled=False)
    assert write() == 0


@pytest.mark.parametrize(("correction", "tones"), [("silent", []), ("note", ["note"]), ("notify", ["notify"])])
def test_corrections_are_as_loud_as_the_rule_says(correction: str, tones: list[str]) -> None:
    channel()
    write(revision=Revision(change="withdrawn", late=True), policy=Policy(Correction(correction)))
    assert list(Delivery.objects.values_list("tone", flat=True)) == tones
    assert all(body["corrected"] for body in Delivery.objects.values_list("body", flat=True))


def test_lateness_is_counted_from_what_was_observed() -> None:
    channel()
    old = replace(Alert(), raised_at=NOW.replace(hour=9), started_at=NOW.replace(hour=9))
    write(old, policy=Policy(max_lateness_s=3600))
    write(replace(old, cleared_at=NOW), Revision(revision=2, change="cleared"), Policy(max_lateness_s=3600))
    assert list(Delivery.objects.order_by("revision").values_list("tone", flat=True)) == ["note", "notify"]


@pytest.mark.django_db(transaction=True)
def test_one_kick_a_transaction_and_it_waits_for_the_commit(queue: Broker) -> None:
    channel()
    with transaction.atomic():
        for revision in range(1, 6):
            write(revision=Revision(revision=revision))
        assert queue.asked == []
    assert queue.asked == [(outbox.TASK, ())]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_harms_nothing(queue: Broker) -> None:
    channel()
    queue.away = True
    with transaction.atomic():
        write()
    assert Delivery.objects.get().state == "waiting"


def test_the_task_of_the_kick_is_there() -> None:
    assert tasks.deliver_due.name == outbox.TASK
