from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from blackboard import board
from blackboard.controller import Controller

pytestmark = pytest.mark.django_db

URL = "/api/v1/blackboard"


@pytest.fixture
def viewer(client: Client) -> Client:
    person = User.objects.create_user("v")
    person.groups.add(Group.objects.get_or_create(name="viewer")[0])
    client.force_login(person)
    return client


def test_the_blackboard_is_not_for_strangers(client: Client) -> None:
    assert client.get(URL).status_code == 401


def test_it_shows_calculators_with_role_and_lease(viewer: Client) -> None:
    board.register(name="calculator-0", host="here", pid=42, shard=0, address="127.0.0.1:1")
    Controller().step()

    [shown] = viewer.get(URL).json()["calculators"]

    assert (shown["host"], shown["pid"], shown["shard"], shown["role"]) == ("here", 42, 0, "live")
    assert (shown["position"], shown["epoch"], shown["lease"]["valid"]) == (0, 0, True)
    assert shown["lease"]["until"].endswith("Z")
    assert shown["fence"] > 0


def test_it_shows_the_newest_changes_first(viewer: Client) -> None:
    board.register(name="a", host="h", pid=1, shard=0, address="")
    Controller().step()
    board.register(name="a", host="h", pid=2, shard=0, address="")
    Controller().step()

    reasons = [change["reason"] for change in viewer.get(URL).json()["transitions"]]

    assert reasons == ["the process was started again", "nobody was live"]


def test_an_unknown_parameter_is_refused_by_name(viewer: Client) -> None:
    answer = viewer.get(URL, {"shrad": "0"})

    assert answer.status_code == 400
    assert answer["content-type"].startswith("application/problem+json")
    assert "shrad" in answer.content.decode()


def test_the_admin_shows_every_table(admin_client: Client) -> None:
    board.register(name="a", host="h", pid=1, shard=0, address="")
    Controller().step()
    Controller().step()

    for table in ("calculator", "role", "epoch", "transition", "request", "closedepoch"):
        assert admin_client.get(f"/admin/blackboard/{table}/").status_code == 200


@pytest.fixture
def operator(client: Client) -> Client:
    person = User.objects.create_user("o")
    person.groups.add(Group.objects.get_or_create(name="operator")[0])
    client.force_login(person)
    return client


def join(name: str) -> board.Membership:
    who = board.register(name=name, host="h", pid=1, shard=0, address="")
    board.beat(who, position=0, epoch=0)
    return who


def decided() -> None:
    while Controller().step():
        continue


def post(client: Client, what: str, **body: Any) -> Any:
    return client.post(f"{URL}/{what}", body, content_type="application/json")


def test_who_is_next_is_promoted_when_an_operator_asks(operator: Client) -> None:
    join("a"), join("b")
    decided()

    answer = post(operator, "promote", shard=0)
    decided()

    assert (answer.status_code, answer.json()["wish"], answer.json()["answer"]) == (202, "promote", None)
    seat = board.live(0)
    assert seat is not None
    assert seat.calculator == "b"
    assert operator.get(URL).json()["requests"][0]["answer"] == "granted"


def test_a_calculator_is_drained_by_name_or_id_and_comes_back(operator: Client) -> None:
    a, b = join("a"), join("b")
    decided()
    assert post(operator, "drain", calculator="a").status_code == 202
    decided()
    assert [seat.role for who in (a, b) if (seat := board.beat(who, position=0, epoch=0))] == ["support", "live"]
    assert post(operator, "undrain", calculator=a.calculator_id).status_code == 202


def test_what_is_impossible_is_a_409_with_the_reason(operator: Client) -> None:
    join("a")
    decided()
    answer = post(operator, "promote", shard=0)
    assert (answer.status_code, answer["content-type"]) == (409, "application/problem+json")
    assert answer.json()["detail"] == "Nobody else lives who could take over."


@pytest.mark.parametrize(
    ("what", "body", "pointer"),
    [
        ("promote", {}, "/shard"),
        ("promote", {"shard": -1}, "/shard"),
        ("promote", {"shard": 0, "calculator": "nobody"}, "/calculator"),
        ("drain", {}, "/calculator"),
        ("drain", {"calculator": [1]}, "/calculator"),
        ("undrain", {"calculator": 2**70}, "/calculator"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_the_field(
    operator: Client, what: str, body: dict[str, Any], pointer: str
) -> None:
    answer = post(operator, what, **body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


def test_a_viewer_may_not_steer(viewer: Client) -> None:
    assert post(viewer, "promote", shard=0).status_code == 403


def test_the_admin_asks_and_says_what_comes_of_it(admin_client: Client) -> None:
    who = join("a")
    decided()
    body = {"action": "drain", "_selected_action": [who.calculator_id]}
    answer = admin_client.post("/admin/blackboard/calculator/", body, follow=True)
    assert "Nobody else lives who could take over." in answer.content.decode()
