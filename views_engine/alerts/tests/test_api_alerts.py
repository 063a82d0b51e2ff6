from typing import Any

import orjson
import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from views_engine.alerts.models import Alert, Comment, Rule
from views_engine.alerts.tests.rounds import MINUTE, START, hot
from views_engine.tests.pages import all_pages, content, errors
from views_engine.tests.pipeline import Pipeline

LIST = "/api/v1/dashboard/alerts"

pytestmark = pytest.mark.parametrize("shards", [1], indirect=True)


@pytest.fixture
def operator(db: None) -> Client:
    person = User.objects.create_user("olga")
    person.groups.add(Group.objects.get_or_create(name="operator")[0])
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def rule(pipeline: Pipeline) -> Rule:
    return hot()


def alert(rule: Rule, device_id: str = "m", start: int = 0, **fields: Any) -> Alert:
    started_at = START + start * MINUTE
    about = {"shard": 0, "severity": "warning", "rule_name": rule.name, "state": "open", "created_at": START}
    times = {"started_at": started_at, "raised_at": started_at}
    return Alert.objects.create(rule=rule, device_id=device_id, **{**about, **times, **fields})


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(f"/api/v1/alerts/{path}", orjson.dumps(body or {}), content_type="application/json")


def ids(client: Client, **query: Any) -> list[int]:
    return [row["id"] for row in client.get(LIST, query).json()["results"]]


def test_filters(viewer: Client, rule: Rule) -> None:
    one = alert(rule, "a")
    two = alert(rule, "b", 5, severity="critical")
    three = alert(hot(name="Other"), "b", 10, state="cleared", cleared_at=START + 20 * MINUTE)
    assert ids(viewer) == [three.pk, two.pk, one.pk]
    assert ids(viewer, state="open") == [two.pk, one.pk]
    assert ids(viewer, severity="critical") == [two.pk]
    assert ids(viewer, device_id="b") == [three.pk, two.pk]
    assert ids(viewer, rule=three.rule_id) == [three.pk]
    assert ids(viewer, to="2026-02-02T02:44:00Z") == [one.pk]
    assert ids(viewer, **{"from": "2026-02-02T03:40:00Z"}) == [two.pk, one.pk]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"state": "closed"}, ("/state", "not_a_choice")),
        ({"severity": "loud"}, ("/severity", "not_a_choice")),
        ({"rule": "x"}, ("/rule", "out_of_range")),
        ({"device_id": "a b"}, ("/device_id", "bad_id")),
        ({"limit": "0"}, ("/limit", "out_of_range")),
        ({"cursor": "x"}, ("/cursor", "bad_cursor")),
        ({"color": "red"}, ("/color", "unknown_parameter")),
    ],
)
def test_nonsense_is_refused(viewer: Client, rule: Rule, query: dict[str, str], error: tuple[str, str]) -> None:
    assert errors(viewer, LIST, **query) == [error]


def test_pages_hold_every_alert_once(viewer: Client, rule: Rule) -> None:
    expected = [alert(rule, f"m-{number}", number // 2).pk for number in range(7)]
    assert sorted(row["id"] for row in all_pages(viewer, LIST, limit=2)) == expected


def test_streams_hold_the_same_rows(viewer: Client, rule: Rule) -> None:
    alert(rule, value=31_500_000, acknowledged_by=User.objects.create_user("ada"))
    (line,) = [orjson.loads(line) for line in content(viewer, LIST, format="ndjson").splitlines()]
    assert [line] == viewer.get(LIST).json()["results"]
    assert (line["value"], line["acknowledged_by"]) == (31.5, "ada")


def test_acknowledge(operator: Client, rule: Rule) -> None:
    one = alert(rule)
    answer = post(operator, f"{one.pk}/acknowledge", {"comment": "On my way."})
    assert (answer.status_code, answer.json()["acknowledged_by"]) == (200, "olga")
    assert [(row["author"], row["text"]) for row in answer.json()["comments"]] == [("olga", "On my way.")]


def test_the_first_who_acknowledged_it_stays(operator: Client, rule: Rule) -> None:
    one = alert(rule)
    first = post(operator, f"{one.pk}/acknowledge").json()
    assert post(operator, f"{one.pk}/acknowledge").json() == first


def test_assign_and_take_back(operator: Client, rule: Rule) -> None:
    one = alert(rule)
    User.objects.create_user("ada")
    assert post(operator, f"{one.pk}/assign", {"assignee": "ada"}).json()["assignee"] == "ada"
    assert post(operator, f"{one.pk}/assign", {"assignee": None}).json()["assignee"] is None


def test_comment(operator: Client, rule: Rule) -> None:
    one = alert(rule)
    assert post(operator, f"{one.pk}/comments", {"text": "A door stood open."}).status_code == 200
    assert Comment.objects.get().text == "A door stood open."


@pytest.mark.parametrize(
    ("action", "body", "error"),
    [
        ("acknowledge", {"comment": 7}, ("/comment", "wrong_type")),
        ("acknowledge", {"coment": "x"}, ("/coment", "unknown_member")),
        ("assign", {"x": 1, "assignee": None}, ("/x", "unknown_member")),
        ("assign", {}, ("/assignee", "missing")),
        ("assign", {"assignee": "nobody"}, ("/assignee", "unknown_person")),
        ("comments", {}, ("/text", "missing")),
        ("comments", {"text": "  "}, ("/text", "blank")),
        ("comments", {"text": "x" * 4001}, ("/text", "max_length")),
    ],
)
def test_bad_bodies(operator: Client, rule: Rule, action: str, body: Any, error: tuple[str, str]) -> None:
    answer = post(operator, f"{alert(rule).pk}/{action}", body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [error]


def test_many_are_acknowledged_together_or_none(operator: Client, rule: Rule) -> None:
    one, two = alert(rule), alert(rule, "n")
    refused = post(operator, "acknowledge", {"ids": [one.pk, 999]})
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [("/ids/1", "unknown_alert")]
    assert not Alert.objects.exclude(acknowledged_at=None)
    assert post(operator, "acknowledge", {"ids": [one.pk, two.pk], "comment": "Storm."}).json() == {"acknowledged": 2}
    assert Comment.objects.count() == 2


def test_who_may(viewer: Client, rule: Rule) -> None:
    one = alert(rule)
    assert viewer.get(f"/api/v1/alerts/{one.pk}").status_code == 200
    assert Client().get(f"/api/v1/alerts/{one.pk}").status_code == 401
    for action in ("acknowledge", "assign", "comments"):
        assert post(viewer, f"{one.pk}/{action}").status_code == 403
    assert post(viewer, "acknowledge", {"ids": [one.pk]}).status_code == 403


@pytest.mark.parametrize("path", ["7", "7/revisions", str(2**70)])
def test_an_alert_that_is_not_there(viewer: Client, rule: Rule, path: str) -> None:
    assert viewer.get(f"/api/v1/alerts/{path}").status_code == 404


def test_open_alerts_stand_beside_their_device(viewer: Client, rule: Rule) -> None:
    from devices.models import Device

    Device.objects.create(device_id="m")
    alert(rule), alert(hot(name="Other"))
    alert(rule, state="cleared", cleared_at=START)
    assert viewer.get("/api/v1/dashboard/devices").json()["results"][0]["open_alerts"] == 2
    assert viewer.get("/api/v1/dashboard/metrics").json()["open_alerts"] == 2


def test_a_read_waits_for_the_mirror(viewer: Client, rule: Rule, pipeline: Pipeline) -> None:
    """Nobody lets it go on here: the read fails rather than telling what is old."""
    pipeline.mirrors[0].mirrored.at = None
    answer = viewer.get(LIST)
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer["Retry-After"]
