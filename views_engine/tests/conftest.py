"""A site with a running pipeline behind it, and people who may read."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from events.log import get_log
from views_engine.reading import get_reader
from views_engine.tests.pipeline import Pipeline


@pytest.fixture(params=[1, 3], ids=["one shard", "three shards"])
def shards(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def pipeline(shards: int, settings: Any, db: None) -> Iterator[Pipeline]:
    config = settings.CONFIG
    log = config.log.model_copy(update={"backend": "events.log.memory.MemoryLog", "shards": shards})
    settings.CONFIG = config.model_copy(update={"log": log})
    get_log.cache_clear()
    get_reader.cache_clear()
    running = Pipeline(get_log(), secret=settings.INTERNAL_SECRET)
    yield running
    running.close()
    get_log.cache_clear()
    get_reader.cache_clear()


@pytest.fixture
def viewer(db: None) -> Client:
    """A signed-in viewer."""
    person = User.objects.create_user("viewer")
    person.groups.add(Group.objects.get_or_create(name="viewer")[0])
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client
