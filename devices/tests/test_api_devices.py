from typing import Any

import pytest
from rest_framework.test import APIClient

from devices import presence
from devices.models import Device, DeviceToken, DeviceType, Group, Site
from devices.tests.conftest import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("devices.tests.urls")]
DEVICES = "/api/v1/devices"


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["device_id"] for row in response.json()["results"]]


def test_a_device_is_created_with_all_that_is_known(operator: APIClient) -> None:
    Group.objects.create(name="outdoor")
    Site.objects.create(name="Depot")
    DeviceType.objects.create(slug="th", name="T/H")
    body = {
        "device_id": "a.b:c",
        "name": "Roof",
        "device_type": "th",
        "site": "Depot",
        "groups": ["outdoor"],
        "tags": ["new", "old"],
        "offline_after_s": 60,
        "notes": "x",
    }
    created = operator.post(DEVICES, body, format="json")
    assert created.status_code == 201
    answer = operator.get(f"{DEVICES}/a.b:c").json()
    assert answer == created.json()
    assert answer.pop("registered_at").endswith("Z")
    assert answer == body


def test_only_the_id_is_required(operator: APIClient) -> None:
    answer = operator.post(DEVICES, {"device_id": "a"}, format="json")
    assert answer.status_code == 201
    assert answer.json()["groups"] == answer.json()["tags"] == []


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/device_id", "missing"),
        ({"device_id": None}, "/device_id", "missing"),
        ({"device_id": "a/b"}, "/device_id", "invalid"),
        ({"device_id": "a\n"}, "/device_id", "invalid"),
        ({"device_id": "x" * 65}, "/device_id", "max_length"),
        ({"device_id": "taken"}, "/device_id", "unique"),
        ({"device_id": "a", "offline_after_s": 0}, "/offline_after_s", "min_value"),
        ({"device_id": "a", "offline_after_s": 1e30}, "/offline_after_s", "invalid"),
        ({"device_id": "a", "groups": ["ghost"]}, "/groups", "does_not_exist"),
        ({"device_id": "a", "groups": "outdoor"}, "/groups", "wrong_type"),
        ({"device_id": "a", "site": "ghost"}, "/site", "does_not_exist"),
        ({"device_id": "a", "tags": ["ok", "a b"]}, "/tags/1", "invalid"),
        ({"device_id": "a", "name": "\0"}, "/name", "null_characters_not_allowed"),
        ([], "", "invalid"),
    ],
)
def test_what_is_wrong_is_said_with_its_pointer(operator: APIClient, body: Any, pointer: str, code: str) -> None:
    Device.objects.create(device_id="taken")
    answer = operator.post(DEVICES, body, format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"device_id": NaN}', b'{"device_id": "\xff"}', b'"\\ud800"', b"[" * 5000]
)
def test_what_is_not_json_is_refused(operator: APIClient, body: bytes) -> None:
    answer = operator.post(DEVICES, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["status"] == 400


def test_another_media_type_is_refused(operator: APIClient) -> None:
    assert operator.post(DEVICES, b"x", content_type="text/plain").status_code == 415


def test_the_id_stays(operator: APIClient) -> None:
    Device.objects.create(device_id="a")
    answer = operator.patch(f"{DEVICES}/a", {"device_id": "b"}, format="json")
    assert answer.json()["errors"][0]["code"] == "immutable"
    assert operator.patch(f"{DEVICES}/a", {"device_id": "a", "name": "n"}, format="json").json()["name"] == "n"


def test_a_change_leaves_what_it_does_not_name(operator: APIClient) -> None:
    operator.post(DEVICES, {"device_id": "a", "tags": ["t"], "notes": "n"}, format="json")
    assert operator.patch(f"{DEVICES}/a", {"name": "x"}, format="json").json()["tags"] == ["t"]
    assert operator.patch(f"{DEVICES}/a", {"tags": []}, format="json").json()["tags"] == []
    assert Device.objects.get().notes == "n"


def test_deleting_takes_the_tokens_along(operator: APIClient) -> None:
    operator.post(DEVICES, {"device_id": "a"}, format="json")
    operator.post(f"{DEVICES}/a/tokens", {}, format="json")
    assert operator.delete(f"{DEVICES}/a").status_code == 204
    assert operator.get(f"{DEVICES}/a").status_code == 404
    assert not DeviceToken.objects.exists()


def test_lists_are_filtered_by_what_devices_belong_to(operator: APIClient) -> None:
    group = Group.objects.create(name="g")
    for name in ("a", "b", "c"):
        operator.post(DEVICES, {"device_id": name, "tags": [f"t-{name}"]}, format="json")
    Device.objects.get(device_id="b").groups.add(group)
    assert ids(operator.get(f"{DEVICES}?tag=t-a")) == ["a"]
    assert ids(operator.get(f"{DEVICES}?group=g")) == ["b"]
    assert ids(operator.get(f"{DEVICES}?group=g&tag=t-a")) == []
    assert ids(operator.get(f"{DEVICES}?tag=nobody-has-it")) == []


def test_pages_hold_every_device_once(operator: APIClient) -> None:
    Device.objects.bulk_create([Device(device_id=f"d{n:02}") for n in range(25)])
    url, seen = f"{DEVICES}?limit=10", []
    while url:
        page = operator.get(url)
        seen += ids(page)
        url = page.json()["next"]
        assert url is None or url.startswith("http://testserver/api/v1/devices?")
    assert seen == [f"d{n:02}" for n in range(25)]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=x",
        "limit=-1",
        "limit=",
        "limit=1&limit=2",
        "limit=²",
        "cursor=",
        "cursor=x",
        "cursor=WyJhIl0.abc",
        "cursor=%00",
        "colour=red",
        "online=perhaps",
        "tag=%00",
        "dry_run=true",
    ],
)
def test_nonsense_in_the_query_is_400(operator: APIClient, query: str) -> None:
    answer = operator.get(f"{DEVICES}?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_the_cursor_of_another_list_is_refused(operator: APIClient) -> None:
    Group.objects.bulk_create([Group(name="a"), Group(name="b")])
    cursor = operator.get("/api/v1/groups?limit=1").json()["next"].split("cursor=")[1]
    assert operator.get(f"{DEVICES}?cursor={cursor}").status_code == 400


def test_nobody_knows_who_is_online_without_views(operator: APIClient) -> None:
    answer = operator.get(f"{DEVICES}?online=true")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"


def test_online_devices_are_those_heard_of_lately(operator: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = DeviceType.objects.create(slug="slow", name="Slow", offline_after_s=7200)
    Device.objects.create(device_id="fresh")
    Device.objects.create(device_id="old")
    Device.objects.create(device_id="slow", device_type=kind)
    Device.objects.create(device_id="quick", offline_after_s=10, device_type=kind)
    Device.objects.create(device_id="silent")
    now = 10_000_000_000
    monkeypatch.setattr("devices.api.devices.time.time", lambda: now / 1000)
    hour = 3_600_000
    seen = {"fresh": now - 1000, "old": now - hour, "slow": now - hour, "quick": now - 20_000, "stranger": now}
    presence.register(lambda: seen)
    assert ids(operator.get(f"{DEVICES}?online=true")) == ["fresh", "slow"]
    assert ids(operator.get(f"{DEVICES}?online=false")) == ["old", "quick", "silent"]
    page = operator.get(f"{DEVICES}?online=false&limit=2")
    assert ids(page) == ["old", "quick"]
    assert ids(operator.get(page.json()["next"])) == ["silent"]


GET, CHANGE = ("get", DEVICES), ("post", DEVICES)


@pytest.mark.parametrize(
    ("who", "looking", "changing"),
    [
        ("nobody", 401, 401),
        ("device", 403, 403),
        ("gateway", 403, 403),
        ("stranger", 403, 403),
        ("viewer", 200, 403),
        ("operator", 200, 201),
        ("administrator", 200, 201),
    ],
)
@pytest.mark.parametrize("route", ["devices", "groups", "sites", "device-types", "devices/known/tokens"])
def test_who_may(client_of: Client, who: str, looking: int, changing: int, route: str) -> None:
    Device.objects.create(device_id="known")
    client = client_of(who)
    body = {"device_id": "new", "name": "new", "slug": "new"}
    assert client.get(f"/api/v1/{route}").status_code == looking
    assert client.post(f"/api/v1/{route}", body, format="json").status_code == changing


def test_a_stranger_is_told_how_to_authenticate(client_of: Client) -> None:
    answer = client_of("nobody").get(DEVICES)
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["title"] == "Unauthorized"


def test_a_wrong_token_is_401(client_of: Client) -> None:
    client = client_of("nobody")
    client.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    assert client.get(DEVICES).status_code == 401


def test_the_session_of_a_browser_is_enough(client_of: Client, django_user_model: Any) -> None:
    person = django_user_model.objects.create_superuser("root")
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(person)
    assert client.get(DEVICES).status_code == 200
    assert client.post(DEVICES, {"device_id": "a"}, format="json").status_code == 403


def test_a_change_is_audited_with_its_author(operator: APIClient) -> None:
    operator.post(DEVICES, {"device_id": "a"}, format="json")
    operator.patch(f"{DEVICES}/a", {"name": "x"}, format="json")
    authors = {record.history_user.get_username() for record in Device.history.filter(device_id="a")}
    assert len(authors) == 1
    assert authors.pop().startswith("operator")
