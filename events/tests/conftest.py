"""What the tests of the database and the API share."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

from events import log as logs
from events.log.base import Log
from events.log.memory import MemoryLog


@pytest.fixture
def client_of(db: None) -> Callable[[str], APIClient]:
    """A client of a person with this role."""

    def make(role: str) -> APIClient:
        user = User.objects.create_user(f"{role}-{User.objects.count()}")
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        client = APIClient()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def viewer(client_of: Callable[[str], APIClient]) -> APIClient:
    return client_of("viewer")


@pytest.fixture
def operator(client_of: Callable[[str], APIClient]) -> APIClient:
    return client_of("operator")


@pytest.fixture
def raw_log(settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """The log of this process is one in memory."""
    log = MemoryLog()
    monkeypatch.setattr("events.api.dead_letters.get_log", lambda: log)
    yield log
    logs.get_log.cache_clear()
