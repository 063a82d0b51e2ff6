import pytest
from django.test import Client

from blackboard import board
from blackboard.controller import Controller

pytestmark = pytest.mark.django_db


def test_healthz_says_that_the_process_lives(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_says_what_is_missing(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["lacks"] == ["No calculator is live for shard 0."]


def test_readyz_is_well_once_a_calculator_is_live(client: Client) -> None:
    board.register(name="calculator-0", host="h", pid=1, shard=0, address="127.0.0.1:1")
    Controller().step()

    assert client.get("/readyz").status_code == 200


def test_metrics_are_in_the_format_of_prometheus(client: Client) -> None:
    answer = client.get("/metrics")

    assert answer["content-type"].startswith("text/plain")
    assert b"# TYPE " in answer.content


@pytest.mark.parametrize("route", ["/healthz", "/readyz", "/metrics"])
def test_who_watches_only_reads(route: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(route)

    assert (answer.status_code, answer["allow"]) == (405, "GET, HEAD")


def test_a_missing_route_of_the_api_is_a_problem(client: Client) -> None:
    answer = client.get("/api/v1/nothing")

    assert (answer.status_code, answer["content-type"]) == (404, "application/problem+json")
    assert answer.json()["detail"] == "There is nothing at /api/v1/nothing."


def test_a_missing_page_is_a_page(client: Client) -> None:
    answer = client.get("/nothing/")

    assert answer.status_code == 404
    assert answer["content-type"].startswith("text/html")
