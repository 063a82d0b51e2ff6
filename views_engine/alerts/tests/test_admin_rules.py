"""Rules in the admin: the form says what is wrong where, and every change is a version."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from devices.models import Device, Group
from views_engine.alerts.admin.bars import HEIGHT, bars
from views_engine.alerts.models import Rule

pytestmark = pytest.mark.django_db
FORM: dict[str, Any] = {
    "name": "Hot",
    "kind": "threshold",
    "event_type": "temperature",
    "severity": "critical",
    "parameters": '{"operator": ">", "value": 30}',
    "enabled": "on",
    "notify": "notify",
    "max_lateness_s": "60",
}
ADD = "admin:alerts_rule_add"


@pytest.fixture
def rule(admin_client: Client) -> Rule:
    assert admin_client.post(reverse(ADD), FORM).status_code == 302
    return Rule.objects.get()


def errors(page: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = page.context["adminform"].form.errors
    return {name: list(texts) for name, texts in found.items()}


def change(client: Client, rule: Rule, **fields: Any) -> Any:
    """Sends the form as it was shown, with these fields changed."""
    shown = client.get(reverse("admin:alerts_rule_change", args=[rule.pk])).context["adminform"].form
    moment = shown.initial["effective_from"]
    when = {"effective_from_0": moment.strftime("%Y-%m-%d"), "effective_from_1": moment.strftime("%H:%M:%S")}
    return client.post(reverse("admin:alerts_rule_change", args=[rule.pk]), {**FORM, **when, **fields})


def test_the_form_makes_a_rule(rule: Rule) -> None:
    assert (rule.version, rule.severity, rule.parameters) == (1, "critical", {"operator": ">", "value": 30})
    assert rule.correction_policy == {"notify": "notify", "max_lateness_s": 60.0}
    assert (str(rule.created_by), rule.scope) == ("admin", {})


def test_a_scope_is_put_together(admin_client: Client) -> None:
    group = Group.objects.create(name="cold")
    Device.objects.create(device_id="a")
    admin_client.post(reverse(ADD), {**FORM, "devices": "a", "groups": [group.pk]})
    assert Rule.objects.get().scope == {"groups": ["cold"], "devices": ["a"]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"parameters": '{"operator": "~"}'}, {"parameters"}),
        ({"parameters": "warm"}, {"parameters"}),
        ({"event_type": ""}, {"event_type"}),
        ({"devices": "nobody"}, {"devices"}),
        ({"name": "", "event_type": "location"}, {"name", "event_type"}),
        ({"max_lateness_s": "-1"}, {"max_lateness_s"}),
    ],
)
def test_a_mistake_is_told_at_its_field(admin_client: Client, fields: dict[str, str], expected: set[str]) -> None:
    assert set(errors(admin_client.post(reverse(ADD), {**FORM, **fields}))) == expected
    assert not Rule.objects.exists()


def test_a_change_of_what_is_judged_is_a_version_from_now_on(admin_client: Client, rule: Rule) -> None:
    assert change(admin_client, rule, parameters='{"operator": ">", "value": 31}').status_code == 302
    after = Rule.objects.get()
    assert (after.version, after.effective_from > rule.effective_from) == (2, True)


def test_a_change_of_nothing_judged_is_none(admin_client: Client, rule: Rule) -> None:
    assert change(admin_client, rule, notify="silent").status_code == 302
    after = Rule.objects.get()
    assert (after.version, after.effective_from) == (1, rule.effective_from)


def test_a_rule_is_turned_off_and_on(admin_client: Client, rule: Rule) -> None:
    turn = reverse("admin:alerts_rule_turn", args=[rule.pk])
    admin_client.post(turn, {"_form_submitted": "on"})
    assert not Rule.objects.get().enabled
    selected = {"action": "enable_selected", "_selected_action": [rule.pk]}
    admin_client.post(reverse("admin:alerts_rule_changelist"), selected)
    assert (Rule.objects.get().enabled, Rule.objects.get().version) == (True, 3)


def test_deleting_keeps_the_rule_for_its_alerts(admin_client: Client, rule: Rule) -> None:
    admin_client.post(reverse("admin:alerts_rule_delete", args=[rule.pk]), {"post": "yes"})
    assert Rule.objects.get().deleted_at is not None
    assert not admin_client.get(reverse("admin:alerts_rule_changelist")).context["cl"].result_count


def test_the_history_shows_every_version(admin_client: Client, rule: Rule) -> None:
    change(admin_client, rule, name="Very hot")
    page = admin_client.get(reverse("admin:alerts_rule_history", args=[rule.pk])).content.decode()
    assert "Very hot" in page


def test_a_back_test_without_anybody_to_ask_says_so(admin_client: Client, rule: Rule) -> None:
    page = admin_client.get(reverse("admin:alerts_rule_try_on_the_past", args=[rule.pk]))
    assert page.status_code == 200
    assert "no calculator is live" in page.content.decode()


def test_bars_are_as_high_as_their_days_have_alerts() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    found = bars([noon, noon, noon + timedelta(days=2)], noon, noon + timedelta(days=2))
    assert [(bar.alerts, bar.height) for bar in found] == [(2, HEIGHT), (0, 0), (1, HEIGHT / 2)]
