"""From a rule that is saved to the alerts that it raises, over the outbox, the log, and a calculator's door."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import User
from django.test import Client

from devices.models import Device, Group
from events.log.base import Topic
from views_engine.alerts.models import Rule
from views_engine.alerts.reaching import version_with
from views_engine.reading import get_reader
from views_engine.tests.pipeline import START_MS, Pipeline, reading

MINUTE = 60_000
HOT: dict[str, Any] = {
    "name": "Hot",
    "kind": "threshold",
    "event_type": "temperature",
    "parameters": {"operator": ">", "value": 30},
}
LONG_AGO = "2026-02-02T00:00:00Z"


@pytest.fixture(params=[1, 2], ids=["one shard", "two shards"])
def shards(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def operator(pipeline: Pipeline, settings: Any) -> Client:
    """Who does not wait for the log, as it moves only when a test moves it."""
    alerts = settings.CONFIG.alerts.model_copy(update={"told_within_s": 0, "most_per_rule": 3})
    settings.CONFIG = settings.CONFIG.model_copy(update={"alerts": alerts})
    person = User.objects.create_user("operator")
    person.groups.add(Role.objects.get_or_create(name="operator")[0])
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def save(operator: Client) -> Callable[..., Any]:
    def post(**members: Any) -> Any:
        return operator.post("/api/v1/rules", {**HOT, **members}, content_type="application/json")

    return post


def hot(pipeline: Pipeline, *minutes: int, device_id: str = "a") -> None:
    """A reading of 35 degrees at each of these minutes, and one of 20 half a minute later."""
    for minute in minutes:
        at = START_MS + minute * MINUTE
        pipeline.send(
            reading(device_id, "temperature", at, 35), reading(device_id, "temperature", at + MINUTE // 2, 20)
        )
    pipeline.now = max(pipeline.now, START_MS + max(minutes) * MINUTE)
    pipeline.settle()


def alerts() -> list[tuple[str, int]]:
    """Device and minute of every alert."""
    rows = [row for answer in get_reader().query("alert_intervals", {}) for row in answer.rows]
    return sorted((row["device_id"], (row["started_at"] - START_MS) // MINUTE) for row in rows)


@pytest.mark.django_db
def test_a_saved_rule_judges_from_then_on(pipeline: Pipeline, save: Callable[..., Any]) -> None:
    hot(pipeline, 0)
    rule = save(effective_from="2026-02-02T02:41:00Z").json()
    pipeline.settle()
    version = version_with(Rule.objects.get(pk=rule["id"]).control or 1, patience_s=0)
    assert version is not None
    hot(pipeline, 1, 2)
    hot(pipeline, 2, device_id="b")
    assert alerts() == [("a", 1), ("a", 2), ("b", 2)]


@pytest.mark.django_db
def test_a_version_says_from_when_on_reads_know_the_rule(pipeline: Pipeline, save: Callable[..., Any]) -> None:
    hot(pipeline, 0)
    assert save(effective_from=LONG_AGO).json()["version"] is None
    assert version_with(1, patience_s=0) is None
    for reformer in pipeline.reformers:
        reformer.step()
        pipeline.now += 200
        reformer.step()
    version = version_with(1, patience_s=0)
    assert version is not None
    assert all(pipeline.log.head(Topic.ORDERED, shard).position == at.position for shard, at in version.items())


@pytest.mark.django_db
def test_history_is_judged_from_the_moment_that_the_rule_names(pipeline: Pipeline, save: Callable[..., Any]) -> None:
    hot(pipeline, 0, 1)
    save(effective_from="2026-02-02T02:41:00Z")
    pipeline.settle()
    assert alerts() == [("a", 1)]


@pytest.mark.django_db
def test_a_disabled_rule_says_no_more_and_what_it_said_stays(
    pipeline: Pipeline, save: Callable[..., Any], operator: Client
) -> None:
    hot(pipeline, 0)
    rule = save(effective_from=LONG_AGO).json()
    pipeline.settle()
    change = {"enabled": False, "effective_from": "2026-02-02T02:41:00Z"}
    operator.patch(f"/api/v1/rules/{rule['id']}", change, content_type="application/json")
    hot(pipeline, 1)
    assert alerts() == [("a", 0)]


@pytest.mark.django_db
def test_facts_decide_whom_a_scope_holds(pipeline: Pipeline, save: Callable[..., Any]) -> None:
    group, device = Group.objects.create(name="cold"), Device.objects.create(device_id="a")
    save(effective_from=LONG_AGO, scope={"groups": ["cold"]})
    hot(pipeline, 0)
    assert alerts() == []
    device.groups.add(group)
    pipeline.settle()
    assert alerts() == [("a", 0)], "the first facts hold for all the past"
    Group.objects.filter(pk=group.pk).update(name="colder")
    hot(pipeline, 5)
    assert alerts() == [("a", 0), ("a", 5)], "another name changes nothing"
    pipeline.now = START_MS + 10 * MINUTE
    group.delete()
    pipeline.settle()
    hot(pipeline, 20)
    assert alerts() == [("a", 0), ("a", 5)], "it has left the group with the group"


@pytest.mark.django_db
def test_a_reformer_that_dies_before_it_commits_emits_once(pipeline: Pipeline, save: Callable[..., Any]) -> None:
    hot(pipeline, 0)
    save(effective_from=LONG_AGO)
    for shard, reformer in enumerate(pipeline.reformers):
        assert reformer.controls(shard, 0)
    pipeline.reformers = [pipeline._reformer(shard) for shard in range(pipeline.log.shards)]
    pipeline.settle()
    assert alerts() == [("a", 0)]


@pytest.mark.django_db
def test_a_rule_is_tried_on_the_past_and_nothing_is_recorded(
    pipeline: Pipeline, operator: Client, save: Callable[..., Any]
) -> None:
    hot(pipeline, 0, 1)
    stretch = {"from": LONG_AGO, "to": "2026-02-02T03:00:00Z"}
    answer = operator.post("/api/v1/rules/backtest", {**HOT, **stretch}, content_type="application/json").json()
    assert (answer["count"], answer["truncated"]) == (2, False)
    assert answer["results"][0] == {
        "device_id": "a",
        "severity": "warning",
        "started_at": "2026-02-02T02:40:00.000Z",
        "raised_at": "2026-02-02T02:40:00.000Z",
        "cleared_at": "2026-02-02T02:40:30.000Z",
        "value": 35.0,
    }
    assert set(answer["version"]) == {str(shard) for shard in range(pipeline.log.shards)}
    assert alerts() == []
    rule = save().json()
    change = {**stretch, "parameters": {"operator": ">", "value": 40}}
    other = operator.post(f"/api/v1/rules/{rule['id']}/backtest", change, content_type="application/json").json()
    assert (other["count"], Rule.objects.get().parameters["value"]) == (0, 30)


@pytest.mark.django_db
def test_a_rule_that_would_begin_with_too_many_alerts_is_refused(pipeline: Pipeline, save: Callable[..., Any]) -> None:
    hot(pipeline, 0, 1, 2, 3)
    answer = save(effective_from=LONG_AGO)
    assert answer.status_code == 422
    assert "more than 3 alerts" in answer.json()["detail"]
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/effective_from", "too_many_alerts")
    ]
    assert not Rule.objects.exists()
    assert save(effective_from="2026-02-02T02:42:00Z").status_code == 201
