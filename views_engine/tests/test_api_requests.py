"""What every reading route has in common: who may ask, how nonsense is refused, versions, tags."""

import orjson
import pytest
from django.contrib.auth.models import User
from django.test import Client

from events.log import get_log
from events.log.base import Topic
from views_engine.reading import get_reader
from views_engine.tests.pages import errors
from views_engine.tests.pipeline import Pipeline, sent

LISTS = ["events", "metrics/temperature", "dashboard/devices", "corrections", "epochs"]
OTHERS = ["dashboard/metrics", "ledger"]
ROUTES = [f"/api/v1/{route}" for route in (*LISTS, *OTHERS)]
LISTS = [f"/api/v1/{route}" for route in LISTS]

pytestmark = pytest.mark.parametrize("shards", [1], indirect=True)


@pytest.mark.parametrize("route", ROUTES)
def test_strangers_are_asked_who_they_are(pipeline: Pipeline, route: str) -> None:
    answer = Client().get(route)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("route", ROUTES)
def test_people_without_a_role_may_not_look(pipeline: Pipeline, route: str) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(route).status_code == 403


@pytest.mark.parametrize("route", ROUTES)
def test_unknown_parameters_are_refused(viewer: Client, pipeline: Pipeline, route: str) -> None:
    assert errors(viewer, route, colour="red") == [("/colour", "unknown_parameter")]


@pytest.mark.parametrize("route", ROUTES)
def test_only_reading(viewer: Client, pipeline: Pipeline, route: str) -> None:
    assert viewer.delete(route).status_code in (403, 405)


@pytest.mark.parametrize("route", LISTS)
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"limit": "0"}, ("/limit", "out_of_range")),
        ({"limit": "1001"}, ("/limit", "out_of_range")),
        ({"cursor": "made-up"}, ("/cursor", "bad_cursor")),
        ({"cursor": "eyJhIjoxfQ:abc"}, ("/cursor", "bad_cursor")),
        ({"format": "xml"}, ("/format", "not_a_choice")),
        ({"format": "csv", "limit": "5"}, ("/limit", "not_with_format")),
    ],
)
def test_nonsense_in_lists_is_refused(
    viewer: Client, pipeline: Pipeline, route: str, query: dict[str, str], expected: tuple[str, str]
) -> None:
    assert errors(viewer, route, **query) == [expected]


@pytest.mark.parametrize("route", [route for route in LISTS if "dashboard" not in route])
def test_from_after_to_is_refused(viewer: Client, pipeline: Pipeline, route: str) -> None:
    query = {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    assert errors(viewer, route, **query) == [("/from", "out_of_range")]


def test_a_cursor_of_another_route_is_refused(viewer: Client, pipeline: Pipeline) -> None:
    pipeline.send(*sent(["meter-1"], every_ms=1000, count=3))
    pipeline.settle()
    url = viewer.get("/api/v1/events", {"limit": 1}).json()["next"]
    assert viewer.get(url).status_code == 200
    assert viewer.get(url.replace("/events", "/metrics/temperature")).status_code == 400


def test_what_cannot_be_had_in_that_form(viewer: Client, pipeline: Pipeline) -> None:
    answer = viewer.get("/api/v1/events", headers={"Accept": "image/png"})
    assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+json")


def test_a_browser_gets_json(viewer: Client, pipeline: Pipeline) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert viewer.get("/api/v1/events", headers={"Accept": accept})["Content-Type"] == "application/json"


@pytest.mark.parametrize("route", ROUTES)
def test_the_version_comes_in_the_body_and_as_a_header(viewer: Client, pipeline: Pipeline, route: str) -> None:
    answer = viewer.get(route)
    assert answer.status_code == 200
    assert orjson.loads(answer["X-View-Version"]) == answer.json()["version"]


@pytest.mark.parametrize("route", ROUTES)
def test_the_same_answer_is_not_sent_twice(viewer: Client, pipeline: Pipeline, route: str) -> None:
    tag = viewer.get(route)["ETag"]
    again = viewer.get(route, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("route", ROUTES)
def test_a_version_that_was_seen_is_honoured(viewer: Client, pipeline: Pipeline, route: str) -> None:
    pipeline.send(*sent(["meter-1"], every_ms=1000, count=3))
    pipeline.settle()
    version = viewer.get(route)["X-View-Version"]
    assert viewer.get(route, headers={"X-View-Version": version}).status_code == 200


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "sent_version",
    [
        "",
        "7",
        "[]",
        "{",
        '{"0": 1}',
        '{"0": {"epoch": 1}}',
        '{"0": {"epoch": -1, "position": 0}}',
        '{"7": {"epoch": 1, "position": 1}}',
        '{"0": {"epoch": 0, "position": 999999}}',
        '{"0": {"epoch": "1", "position": 1}}',
    ],
)
def test_a_version_we_never_gave_is_refused(viewer: Client, pipeline: Pipeline, route: str, sent_version: str) -> None:
    answer = viewer.get(route, headers={"X-View-Version": sent_version})
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/X-View-Version"]


def test_nobody_live_is_503_with_a_time_to_come_back(viewer: Client, pipeline: Pipeline) -> None:
    reader = get_reader()
    reader._patience_s = 0
    pipeline.servers[0].stop()
    answer = viewer.get("/api/v1/events")
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "shard 0" in answer.json()["detail"]


def test_a_reader_behind_the_version_seen_is_503(viewer: Client, pipeline: Pipeline) -> None:
    get_reader()._patience_s = 0
    pipeline.send(*sent(["meter-1"], every_ms=1000, count=1))
    while pipeline.reformers[0].step():
        continue
    ahead = get_log().head(Topic.ORDERED, 0).position
    version = orjson.dumps({"0": {"epoch": 0, "position": ahead}}).decode()
    assert viewer.get("/api/v1/ledger", headers={"X-View-Version": version}).status_code == 503
