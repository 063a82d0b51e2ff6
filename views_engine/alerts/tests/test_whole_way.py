"""From a rule and readings to records: what late readings do to alerts that people have seen."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from views_engine.alerts.models import Alert, Rule
from views_engine.alerts.models.rule import EPOCH
from views_engine.alerts.tests.rounds import MINUTE, START, hot, told
from views_engine.tests.pipeline import Pipeline, reading

LIST = "/api/v1/dashboard/alerts"
BEFORE = EPOCH + timedelta(milliseconds=START - 100 * MINUTE)

pytestmark = pytest.mark.parametrize("shards", [1], indirect=True)


@pytest.fixture
def rule(pipeline: Pipeline) -> Rule:
    saved = hot(parameters={"operator": ">", "value": 30, "for_s": 600}, effective_from=BEFORE)
    pipeline.settle()
    return saved


def temperatures(pipeline: Pipeline, **at_minutes: float) -> None:
    """A reading of device m each, as `at_5=31.0`: 31 degrees at minute 5 before the present."""
    events = [
        reading("m", "temperature", START - 60 * MINUTE + int(name.removeprefix("at_")) * MINUTE, value)
        for name, value in at_minutes.items()
    ]
    pipeline.send(*events)
    pipeline.settle()


def the_alerts(client: Client, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(LIST, query)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_an_alert_from_a_reading(viewer: Client, pipeline: Pipeline, rule: Rule) -> None:
    temperatures(pipeline, at_0=31, at_5=32.5, at_11=31)
    (alert,) = the_alerts(viewer)
    assert alert == {
        "id": alert["id"],
        "rule": rule.pk,
        "rule_name": "Too hot",
        "device_id": "m",
        "severity": "warning",
        "state": "open",
        "started_at": "2026-02-02T01:40:00.000Z",
        "raised_at": "2026-02-02T01:51:00.000Z",
        "cleared_at": None,
        "value": 32.5,
        "acknowledged_at": None,
        "acknowledged_by": None,
        "assignee": None,
        "revision": 1,
        "merged_into": None,
    }


def test_a_late_reading_withdraws_it_and_is_named(viewer: Client, pipeline: Pipeline, rule: Rule) -> None:
    temperatures(pipeline, at_0=31, at_11=31)
    temperatures(pipeline, at_5=20)
    (alert,) = the_alerts(viewer, state="withdrawn")
    *_, last = viewer.get(f"/api/v1/alerts/{alert['id']}/revisions").json()["results"]
    assert (last["change"], last["from"], last["to"]) == ("withdrawn", {"state": "open"}, {"state": "withdrawn"})
    assert last["cause"]["observed_at"] == "2026-02-02T01:45:00.000Z"
    assert the_alerts(viewer, state="open") == []


def test_it_comes_back_when_the_heat_goes_on(viewer: Client, pipeline: Pipeline, rule: Rule) -> None:
    temperatures(pipeline, at_0=31, at_11=31)
    temperatures(pipeline, at_5=20)
    temperatures(pipeline, at_22=31)
    assert told(Alert.objects.get()) == ["raised", "withdrawn", "reopened"]


def test_a_late_reading_splits_a_long_heat(viewer: Client, pipeline: Pipeline, rule: Rule) -> None:
    temperatures(pipeline, at_0=31, at_12=31, at_20=31, at_40=31, at_52=31)
    temperatures(pipeline, at_30=20)
    first, second = Alert.objects.order_by("started_at")
    assert (first.state, second.state) == ("cleared", "open")
    assert second.revisions.get().after["split_from"] == first.pk


def test_a_silence_is_raised_by_the_clock_and_taken_back_by_a_late_reading(viewer: Client, pipeline: Pipeline) -> None:
    hot(kind="no_data", parameters={"after_s": 600}, effective_from=BEFORE)
    temperatures(pipeline, at_40=20)
    (alert,) = the_alerts(viewer)
    assert (alert["state"], alert["started_at"], alert["value"]) == ("open", "2026-02-02T02:30:00.000Z", None)
    temperatures(pipeline, at_49=20)
    (alert,) = the_alerts(viewer)
    assert (alert["state"], alert["started_at"]) == ("open", "2026-02-02T02:39:00.000Z")


def test_counts_of_open_alerts(viewer: Client, pipeline: Pipeline, rule: Rule) -> None:
    temperatures(pipeline, at_0=31, at_11=31)
    assert viewer.get("/api/v1/dashboard/metrics").json()["open_alerts"] == 1


def test_what_the_ledger_counts_the_list_knows(viewer: Client, pipeline: Pipeline, rule: Rule) -> None:
    temperatures(pipeline, at_0=31, at_11=31)
    version = viewer.get("/api/v1/ledger").json()["version"]
    assert viewer.get(LIST).json()["version"] == version


def test_a_silence_that_was_none_is_withdrawn_because_of_the_late_reading(viewer: Client, pipeline: Pipeline) -> None:
    hot(kind="no_data", parameters={"after_s": 600}, effective_from=BEFORE)
    pipeline.settle()
    temperatures(pipeline, at_40=20)
    pipeline.send(reading("m", "humidity", START, 50))
    pipeline.settle()
    (before,) = the_alerts(viewer, state="open")
    temperatures(pipeline, at_49=20, at_58=20)
    (alert,) = the_alerts(viewer)
    *_, last = viewer.get(f"/api/v1/alerts/{alert['id']}/revisions").json()["results"]
    assert (alert["id"], last["change"]) == (before["id"], "withdrawn")
    assert last["cause"]["observed_at"] == "2026-02-02T02:38:00.000Z"


def test_a_rule_for_the_past_finds_what_was(viewer: Client, pipeline: Pipeline) -> None:
    temperatures(pipeline, at_0=31, at_5=20, at_10=33)
    hot(effective_from=BEFORE)
    pipeline.settle()
    assert [(alert["state"], alert["value"]) for alert in the_alerts(viewer)] == [("open", 33.0), ("cleared", 31.0)]


def test_a_rule_that_never_should_have_been_takes_its_alerts_back(
    viewer: Client, pipeline: Pipeline, rule: Rule
) -> None:
    temperatures(pipeline, at_0=31, at_11=31)
    rule.enabled, rule.effective_from = False, BEFORE
    rule.save()
    pipeline.settle()
    (alert,) = the_alerts(viewer)
    assert (alert["state"], told(Alert.objects.get())) == ("withdrawn", ["raised", "withdrawn"])


def test_a_buffer_with_one_hot_minute_raises_nothing(viewer: Client, pipeline: Pipeline, rule: Rule) -> None:
    temperatures(pipeline, at_0=20, at_59=20)
    temperatures(pipeline, at_30=35)
    temperatures(pipeline, at_31=20, at_10=20, at_50=20)
    assert the_alerts(viewer) == []
