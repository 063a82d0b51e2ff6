"""What every test starts from."""

from collections.abc import Iterator

import pytest

from devices import presence
from devices.registry import get_registry


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """No test sees the devices, tokens and sources of another, which the process would remember."""
    get_registry.cache_clear()
    yield
    get_registry.cache_clear()
    presence.unregister()
