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

    for table in ("calculator", "role", "epoch", "transition"):
        assert admin_client.get(f"/admin/blackboard/{table}/").status_code == 200
