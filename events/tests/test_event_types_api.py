from typing import Any

import pytest
from rest_framework.test import APIClient

from events import catalogue
from events.event_types import BUILT_IN
from events.models import EventType

CO2: dict[str, Any] = {
    "slug": "co2",
    "name": "Carbon dioxide",
    "unit": "ppm",
    "schema": {"type": "object", "required": ["value"], "properties": {"value": {"type": "number"}}},
}
URL = "/api/v1/event-types"


def define(client: APIClient, **changed: Any) -> Any:
    return client.post(URL, {**CO2, **changed}, format="json")


def test_a_type_that_is_defined_is_known_at_once(operator: APIClient) -> None:
    answer = define(operator)
    assert (answer.status_code, answer.json()) == (201, {**CO2, "built_in": False})
    kind = catalogue.event_types().get("co2")
    assert kind is not None
    assert kind.unit == "ppm"


def test_the_list_holds_all_types_by_slug(operator: APIClient, viewer: APIClient) -> None:
    define(operator)
    rows = viewer.get(URL).json()["results"]
    assert [(row["slug"], row["built_in"]) for row in rows] == [
        ("battery", True),
        ("co2", False),
        ("humidity", True),
        ("location", True),
        ("temperature", True),
    ]


def test_the_list_has_pages(viewer: APIClient) -> None:
    first = viewer.get(URL, {"limit": 3}).json()
    second = viewer.get(first["next"]).json()
    slugs = [row["slug"] for row in first["results"] + second["results"]]
    assert slugs == ["battery", "humidity", "location", "temperature"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"slug": "temperature"}, "/slug"),
        ({"slug": "CO 2"}, "/slug"),
        ({"slug": None}, "/slug"),
        ({"schema": {"type": "nonsense"}}, "/schema"),
        ({"schema": [1]}, "/schema"),
        ({"schema": {"$ref": "https://example.org/schema.json"}}, "/schema"),
        ({"schema": {"pattern": "("}}, "/schema"),
        ({"name": "x" * 101}, "/name"),
        ({"unit": 7.5, "name": {}}, "/name"),
    ],
)
def test_a_bad_definition_is_refused_and_named(operator: APIClient, changed: dict[str, Any], pointer: str) -> None:
    answer = define(operator, **changed)
    assert answer.status_code == 400
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not EventType.objects.exists()


def test_a_slug_is_taken_once(operator: APIClient) -> None:
    define(operator)
    answer = define(operator)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unique")


def test_a_change_is_known_at_once(operator: APIClient) -> None:
    define(operator)
    catalogue.event_types()
    answer = operator.patch(f"{URL}/co2", {"unit": "ppb"}, format="json")
    assert (answer.status_code, answer.json()["unit"]) == (200, "ppb")
    kind = catalogue.event_types().get("co2")
    assert kind is not None
    assert kind.unit == "ppb"


def test_a_change_is_judged_as_a_whole(operator: APIClient) -> None:
    define(operator)
    assert operator.patch(f"{URL}/co2", {"schema": 5}, format="json").status_code == 400
    assert operator.patch(f"{URL}/co2", {"slug": "co3"}, format="json").status_code == 400
    assert operator.patch(f"{URL}/co2", {"slug": "co2", "name": "CO₂"}, format="json").json()["name"] == "CO₂"


def test_a_deleted_type_is_unknown_at_once(operator: APIClient) -> None:
    define(operator)
    assert "co2" in catalogue.event_types()
    assert operator.delete(f"{URL}/co2").status_code == 204
    assert len(catalogue.event_types()) == len(BUILT_IN)
    assert operator.get(f"{URL}/co2").status_code == 404


def test_built_in_types_can_be_seen_and_not_changed(operator: APIClient) -> None:
    assert operator.get(f"{URL}/humidity").json()["unit"] == "percent"
    assert operator.patch(f"{URL}/humidity", {"unit": "x"}, format="json").status_code == 409
    assert operator.delete(f"{URL}/humidity").status_code == 409


def test_viewers_look_and_strangers_do_not(viewer: APIClient, db: None) -> None:
    assert viewer.get(URL).status_code == 200
    assert define(viewer).status_code == 403
    assert APIClient().get(URL).status_code == 401


def test_a_definition_spoiled_in_the_database_harms_no_other(db: None) -> None:
    EventType.objects.create(**CO2)
    EventType.objects.create(slug="spoiled", schema={"type": "nonsense"})
    types = catalogue.event_types()
    assert ("co2" in types, "spoiled" in types) == (True, False)
