"""What is no text is not taken for one, and a method nobody offers is 405 whatever it carries."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize(
    ("route", "body", "pointer"),
    [
        ("groups", {"name": 0}, "/name"),
        ("sites", {"name": 0}, "/name"),
        ("device-types", {"slug": "a", "name": 0}, "/name"),
        ("device-types", {"slug": 0, "name": "a"}, "/slug"),
        ("devices", {"device_id": 7}, "/device_id"),
        ("devices", {"device_id": "a", "notes": 1.5}, "/notes"),
        ("event-types", {"slug": "co2", "unit": 0}, "/unit"),
    ],
)
def test_a_number_is_no_text(root: Client, route: str, body: dict[str, Any], pointer: str) -> None:
    answer = root.post(f"/api/v1/{route}", body, content_type="application/json")
    assert answer.status_code == 400
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, "wrong_type")]


@pytest.mark.parametrize("route", ["devices", "devices/bulk", "dead-letters"])
def test_a_method_that_is_not_offered(root: Client, route: str) -> None:
    assert root.generic("TRACE", f"/api/v1/{route}?limit=5").status_code == 405
