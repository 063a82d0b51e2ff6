"""What all lists of the site have in common, whichever app they are from: nonsense in the query is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from devices.models import Device
from devices.pagination import encode_cursor

generator: Callable[..., Any] = SchemaGenerator

NONSENSE = [
    "colour=red",
    "limit=0",
    "limit=1001",
    "limit=ten",
    "limit=",
    "limit=1&limit=2",
    "cursor=",
    "cursor=made-up",
    "cursor=%00",
    "cursor=%F0%28",
    "cursor=WzFd.AAAA",
    f"cursor={encode_cursor([1], 'another list')}",
]


def lists() -> list[str]:
    """The routes of the description that have pages, filled in where there is something to fill in."""
    paths = generator().get_schema(public=True)["paths"]
    paged = [
        path
        for path, operations in paths.items()
        if any(parameter["name"] == "cursor" for parameter in operations.get("get", {}).get("parameters", []))
    ]
    # There are units of one's own only where the settings name some.
    filled = {"event_type": "temperature", "device_id": "meter-1", "alert_id": 1}
    return [path.format(**filled) for path in paged if "/units/" not in path]


LISTS = lists()


@pytest.fixture
def viewer(db: None) -> Client:
    Device.objects.create(device_id="meter-1")
    client = Client()
    client.force_login(User.objects.create_superuser("ada"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_all_of_them_are_seen() -> None:
    names = "corrections dashboard/devices dead-letters device-types devices epochs event-types events groups sites"
    assert {f"/api/v1/{name}" for name in names.split()} < set(LISTS)


@pytest.mark.parametrize("route", LISTS)
@pytest.mark.parametrize("query", NONSENSE)
def test_nonsense_is_refused(viewer: Client, route: str, query: str) -> None:
    resolution = "&resolution=1m" if "/metrics/" in route else ""  # else it takes a calculator to know the pages
    answer = viewer.get(f"{route}?{query}{resolution}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert query.partition("=")[0] in answer.json()["detail"]


@pytest.mark.parametrize("route", ["/api/v1/blackboard", "/api/v1/ledger", "/api/v1/dashboard/metrics"])
def test_what_has_no_pages_takes_no_parameters(viewer: Client, route: str) -> None:
    for query in ("limit=10", "cursor=x", "colour=red"):
        assert viewer.get(f"{route}?{query}").status_code == 400
