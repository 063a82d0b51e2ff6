"""The registry in memory and the one of the database answer the door alike."""

import pytest

from devices.models import Device
from devices.registry import Registry as DatabaseRegistry
from events.ingest.registry import MemoryRegistry, Registry


@pytest.fixture(params=["memory", "database"])
def registry(request: pytest.FixtureRequest, transactional_db: None) -> Registry:
    """Knows the device `a` and no token."""
    if request.param == "memory":
        return MemoryRegistry({}, ["a"])
    Device.objects.create(device_id="a")
    return DatabaseRegistry()


async def test_known_are_those_that_exist(registry: Registry) -> None:
    assert await registry.aknown(["a", "b"]) == {"a"}
    assert await registry.aknown([]) == set()


def test_registering_makes_the_new_ones_and_names_them_all(registry: Registry) -> None:
    assert registry.register(["a", "b"]) == {"a", "b"}
    assert registry.register(["b"]) == {"b"}


async def test_nobody_speaks_with_an_unknown_token(registry: Registry) -> None:
    assert await registry.aspeaker("d1234567." + "x" * 32) is None
    assert await registry.aspeaker("nonsense é\n") is None
