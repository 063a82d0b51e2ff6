"""A database that is away for a moment: 503 and when to ask again, never a 500."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client


@pytest.fixture
def signed_in(db: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root"), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("path", ["/api/v1/devices", "/", "/admin/"])
def test_whoever_asks_meanwhile_hears_503(signed_in: Client, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the database is away")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("django.db.backends.utils.CursorWrapper.execute", away)
        answer = signed_in.get(path)
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "does not answer" in answer.json()["detail"]


def test_a_view_that_meets_it_says_so_too(signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr("blackboard.queries.calculators", away)
    answer = signed_in.get("/api/v1/blackboard")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"
