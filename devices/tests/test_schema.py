from collections.abc import Callable
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

validate: Callable[[Any], None] = validate_schema
generator: Callable[..., Any] = SchemaGenerator


@pytest.fixture(scope="module")
def schema() -> Any:
    GENERATOR_STATS.reset()
    return generator(urlconf="devices.tests.urls").get_schema(request=None, public=True)


def test_the_document_is_valid_and_complete(schema: Any) -> None:
    validate(schema)
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_every_route_is_described(schema: Any) -> None:
    assert set(schema["paths"]) >= {
        f"/api/v1/{path}"
        for path in (
            "devices",
            "devices/{device_id}",
            "devices/bulk",
            "devices/{device_id}/tokens",
            "tokens/{id}",
            "tokens/{id}/rotate",
            "groups",
            "groups/{id}",
            "sites",
            "sites/{id}",
            "device-types",
            "device-types/{slug}",
        )
    }


def test_every_operation_may_answer_with_a_problem(schema: Any) -> None:
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert all("application/problem+json" in each["responses"]["default"]["content"] for each in operations)


def test_lists_know_their_parameters(schema: Any) -> None:
    names = {parameter["name"] for parameter in schema["paths"]["/api/v1/devices"]["get"]["parameters"]}
    assert names == {"tag", "group", "site", "device_type", "online", "limit", "cursor"}
