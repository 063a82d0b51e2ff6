"""Rules as they are saved: every change of what is judged is a version, and its control is written with it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from devices.models import Device, Group, Tag
from events import control_outbox
from events.controls import RuleVersion
from events.models import ControlRecord
from views_engine.alerts.models import Rule
from views_engine.alerts.models.rule import milliseconds

pytestmark = pytest.mark.django_db


def hot(**members: Any) -> Rule:
    given = {
        "name": "Hot",
        "kind": "threshold",
        "event_type": "temperature",
        "parameters": {"operator": ">", "value": 30},
    }
    return Rule.objects.create(**{**given, **members})


def versions() -> list[RuleVersion]:
    return [found.body for found in control_outbox.pending(0, 0) if isinstance(found.body, RuleVersion)]


def test_a_new_rule_is_its_first_version() -> None:
    rule = hot(effective_from=datetime(2026, 1, 31, 12, 0, 0, 123_999, tzinfo=UTC))
    (version,) = versions()
    assert (version.rule, version.version, version.effective_from) == (rule.pk, 1, 1_769_860_800_123)
    assert version.parameters == {"operator": ">", "value": 30}


def test_what_is_not_judged_makes_no_version() -> None:
    rule = hot()
    rule.correction_policy = {"notify": "silent"}
    rule.save()
    assert (rule.version, rule.control, len(versions())) == (1, None, 1)


def test_a_change_of_what_is_judged_is_the_next_version() -> None:
    rule = hot()
    rule.parameters = {"operator": ">", "value": 31}
    rule.save()
    assert [version.version for version in versions()] == [1, 2]
    assert rule.control == 2


def test_a_change_and_its_control_are_written_together_or_not_at_all() -> None:
    rule = hot()
    with transaction.atomic():
        rule.turn(on=False)
        transaction.set_rollback(True)
    assert Rule.objects.get().enabled
    assert len(versions()) == 1


def test_a_stale_copy_of_a_rule_takes_no_number_twice() -> None:
    stale = Rule.objects.get(pk=hot().pk)
    Rule.objects.get().turn(on=False)
    stale.turn(on=False)
    assert [version.version for version in versions()] == [1, 2, 3]


def test_a_deleted_rule_stays_and_judges_nothing() -> None:
    rule = hot()
    Rule.objects.filter(pk=rule.pk).delete()
    assert not Rule.objects.present().exists()
    assert (Rule.objects.get().version, versions()[-1].enabled) == (2, False)


def test_names_in_a_scope_become_keys_so_that_a_new_name_changes_nothing() -> None:
    group, tag = Group.objects.create(name="cold"), Tag.objects.create(name="roof")
    Device.objects.create(device_id="a")
    hot(scope={"devices": ["a"], "groups": ["cold"], "tags": ["roof", "gone"]})
    scope = versions()[0].scope
    assert (scope.devices, scope.groups, scope.tags) == (["a"], [str(group.pk)], [str(tag.pk), "gone: gone"])


def test_numbers_have_no_gaps_where_a_transaction_is_rolled_back() -> None:
    hot()
    with transaction.atomic():
        hot()
        transaction.set_rollback(True)
    hot()
    assert list(ControlRecord.objects.values_list("number", flat=True)) == [1, 2]


def test_times_before_1970_are_cut_downwards() -> None:
    assert milliseconds(datetime(1969, 12, 31, 23, 59, 59, 999_500, tzinfo=UTC)) == -1
