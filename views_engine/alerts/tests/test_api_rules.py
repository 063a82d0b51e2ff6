"""Rules over the API: what is taken, what is refused and where, and that calculators come to know it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from devices.models import Group
from events import control_outbox
from events.controls import RuleVersion
from views_engine.alerts.models import Rule

pytestmark = pytest.mark.django_db

RULES = "/api/v1/rules"
HOT: dict[str, Any] = {
    "name": "Hot",
    "kind": "threshold",
    "event_type": "temperature",
    "severity": "critical",
    "parameters": {"operator": ">", "value": 30},
    "scope": {},
    "enabled": True,
    "correction_policy": {"notify": "notify", "max_lateness_s": 60},
}


@pytest.fixture(autouse=True)
def nobody_waits(settings: Any) -> None:
    """No reformer runs here; whoever saves a rule does not wait for it."""
    alerts = settings.CONFIG.alerts.model_copy(update={"told_within_s": 0})
    settings.CONFIG = settings.CONFIG.model_copy(update={"alerts": alerts})


@pytest.fixture
def client_of(db: None) -> Callable[[str], APIClient]:
    def make(role: str) -> APIClient:
        person = User.objects.create_user(role)
        person.groups.add(Role.objects.get_or_create(name=role)[0])
        client = APIClient()
        client.force_login(person)
        return client

    return make


@pytest.fixture
def operator(client_of: Callable[[str], APIClient]) -> APIClient:
    return client_of("operator")


def errors(answer: Any) -> list[tuple[str, str]]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def versions() -> list[RuleVersion]:
    return [found.body for found in control_outbox.pending(0, 0) if isinstance(found.body, RuleVersion)]


def made(client: APIClient, **members: Any) -> dict[str, Any]:
    answer = client.post(RULES, {**HOT, **members}, format="json")
    assert answer.status_code == 201, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def test_a_rule_is_made_and_is_its_first_version(operator: APIClient) -> None:
    rule = made(operator)
    assert {name: rule[name] for name in HOT} == HOT
    assert (rule["rule_version"], rule["created_by"], rule["version"]) == (1, "operator", None)
    assert [(version.rule, version.version, version.severity) for version in versions()] == [
        (rule["id"], 1, "critical")
    ]


def test_what_is_left_out_has_its_default(operator: APIClient) -> None:
    rule = operator.post(
        RULES, {"name": "Silent", "kind": "no_data", "parameters": {"after_s": 60}}, format="json"
    ).json()
    assert (rule["event_type"], rule["severity"], rule["enabled"]) == (None, "warning", True)
    assert (rule["scope"], rule["correction_policy"]) == ({}, {"notify": "note"})


def test_any_offset_is_taken_and_milliseconds_are_kept(operator: APIClient) -> None:
    rule = made(operator, effective_from="2126-01-31T13:00:00.123456+01:00")
    assert rule["effective_from"] == "2126-01-31T12:00:00.123Z"


REFUSED: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"kind": "weather"}, [("/kind", "unknown_kind")]),
    ({"kind": 7}, [("/kind", "unknown_kind")]),
    ({"event_type": "weather"}, [("/event_type", "unknown_event_type")]),
    ({"event_type": None}, [("/event_type", "missing")]),
    ({"severity": "awful"}, [("/severity", "invalid_choice")]),
    ({"name": ""}, [("/name", "blank")]),
    ({"enabled": "yes"}, [("/enabled", "invalid")]),
    ({"effective_from": "2026-01-31T12:00:00"}, [("/effective_from", "no_offset")]),
    ({"parameters": {"operator": ">", "value": "warm"}}, [("/parameters/value", "wrong_type")]),
    ({"kind": None}, [("/kind", "missing")]),
    ({"scope": None}, [("/scope", "missing")]),
    ({"parameters": []}, [("/parameters", "wrong_type")]),
    ({"parametres": {}}, [("/parametres", "unknown_member")]),
    ({"scope": {"groups": ["gone"]}}, [("/scope/groups/0", "does_not_exist")]),
    ({"scope": {"planets": ["mars"]}}, [("/scope/planets", "unknown_member")]),
    ({"scope": {"tags": "roof"}}, [("/scope/tags", "wrong_type")]),
    ({"scope": ["roof"]}, [("/scope", "invalid")]),
    ({"correction_policy": {"notify": "shout"}}, [("/correction_policy/notify", "invalid_choice")]),
    ({"correction_policy": {"max_lateness_s": -1}}, [("/correction_policy/max_lateness_s", "invalid")]),
    (
        {"name": 7, "parameters": {"operator": "~"}},
        [("/name", "wrong_type"), ("/parameters/operator", "out_of_range"), ("/parameters/value", "missing")],
    ),
]


@pytest.mark.parametrize(("members", "expected"), REFUSED, ids=[str(members) for members, _ in REFUSED])
def test_nonsense_is_refused_member_by_member(
    operator: APIClient, members: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    answer = operator.post(RULES, {**HOT, **members}, format="json")
    assert answer.status_code == 400
    assert errors(answer) == expected
    assert versions() == []


def test_null_is_absent_where_there_may_be_nothing(operator: APIClient) -> None:
    rule = made(operator, effective_from=None, correction_policy={"notify": "note", "max_lateness_s": None})
    assert rule["correction_policy"] == {"notify": "note"}


@pytest.mark.parametrize("body", [[], 7, "rule", [HOT]])
def test_a_body_that_is_no_object(operator: APIClient, body: Any) -> None:
    assert operator.post(RULES, body, format="json").status_code == 400


def test_a_change_is_a_version_from_now_on(operator: APIClient) -> None:
    rule = made(operator, effective_from="2126-01-01T00:00:00Z")
    answer = operator.patch(f"{RULES}/{rule['id']}", {"parameters": {"operator": ">", "value": 31}}, format="json")
    assert (answer.status_code, answer.json()["rule_version"]) == (200, 2)
    assert versions()[1].effective_from < versions()[0].effective_from


def test_a_change_of_nothing_judged_is_no_version(operator: APIClient) -> None:
    rule = made(operator)
    answer = operator.patch(f"{RULES}/{rule['id']}", {"correction_policy": {"notify": "silent"}}, format="json")
    assert answer.json()["rule_version"] == 1
    assert answer.json()["effective_from"] == rule["effective_from"]
    assert answer.json()["version"] == {"0": {"epoch": 0, "position": 0}}


@pytest.mark.parametrize("change", [{"kind": "range"}, {"event_type": "humidity"}])
def test_what_a_rule_judges_never_becomes_something_else(operator: APIClient, change: dict[str, Any]) -> None:
    answer = operator.patch(f"{RULES}/{made(operator)['id']}", change, format="json")
    assert answer.status_code == 400
    assert (f"/{next(iter(change))}", "immutable") in errors(answer)


def test_a_rule_can_be_disabled_when_its_group_is_gone(operator: APIClient) -> None:
    group = Group.objects.create(name="cold")
    rule = made(operator, scope={"groups": ["cold"]})
    group.delete()
    answer = operator.patch(f"{RULES}/{rule['id']}", {"enabled": False}, format="json")
    assert (answer.status_code, answer.json()["scope"]) == (200, {"groups": ["cold"]})
    assert versions()[1].scope.groups == ["gone: cold"]


def test_enabling_again_what_was_stopped_takes_the_reason_away(operator: APIClient) -> None:
    rule = Rule.objects.get(pk=made(operator)["id"])
    rule.turn(on=False, reason="Too many.")
    assert operator.get(f"{RULES}/{rule.pk}").json()["stopped_reason"] == "Too many."
    assert operator.patch(f"{RULES}/{rule.pk}", {"enabled": True}, format="json").json()["stopped_reason"] == ""


def test_a_deleted_rule_is_gone_and_its_last_version_judges_nothing(operator: APIClient) -> None:
    rule = made(operator)
    assert operator.delete(f"{RULES}/{rule['id']}").status_code == 204
    assert operator.get(f"{RULES}/{rule['id']}").status_code == 404
    assert operator.get(RULES).json()["results"] == []
    assert [version.enabled for version in versions()] == [True, False]
    assert Rule.objects.get().updated_by == User.objects.get(username="operator")


def test_rules_come_page_by_page(operator: APIClient) -> None:
    ids = [made(operator, name=f"Rule {number}")["id"] for number in range(3)]
    page = operator.get(f"{RULES}?limit=2").json()
    assert [rule["id"] for rule in page["results"]] == ids[:2]
    assert [rule["id"] for rule in operator.get(page["next"]).json()["results"]] == ids[2:]


def test_viewers_read_and_change_nothing(operator: APIClient, client_of: Callable[[str], APIClient]) -> None:
    rule = made(operator)
    viewer = client_of("viewer")
    assert viewer.get(f"{RULES}/{rule['id']}").status_code == 200
    assert viewer.post(RULES, HOT, format="json").status_code == 403
    assert viewer.patch(f"{RULES}/{rule['id']}", {}, format="json").status_code == 403
    assert viewer.delete(f"{RULES}/{rule['id']}").status_code == 403


def test_a_past_that_nobody_can_judge_now_is_told(operator: APIClient) -> None:
    answer = operator.post(RULES, {**HOT, "effective_from": "2026-01-01T00:00:00Z"}, format="json")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert not Rule.objects.exists()
