from typing import Any

import pytest

from events.event import Reading, Refusal
from events.event_types import BUILT_IN, BadDefinition, CustomType


def read(slug: str, **payload: Any) -> Reading:
    kind = BUILT_IN.get(slug)
    assert kind is not None
    return kind.read(payload)


@pytest.mark.parametrize(
    ("slug", "payload", "micro"),
    [
        ("temperature", {"value": 21.5}, 21_500_000),
        ("temperature", {"value": 21.5, "unit": None}, 21_500_000),
        ("temperature", {"value": 68, "unit": "fahrenheit"}, 20_000_000),
        ("temperature", {"value": -459.67, "unit": "fahrenheit"}, -273_150_000),
        ("temperature", {"value": 0, "unit": "kelvin"}, -273_150_000),
        ("temperature", {"value": 0.1 + 0.2, "colour": "red"}, 300_000),
        ("temperature", {"value": 0.0000005}, 0),
        ("temperature", {"value": 0.0000015}, 2),
        ("temperature", {"value": 5e-324}, 0),
        ("temperature", {"value": 1000}, 1_000_000_000),
        ("humidity", {"value": 0}, 0),
        ("humidity", {"value": 100, "unit": "percent"}, 100_000_000),
        ("battery", {"value": 99.5, "voltage": 3.7}, 99_500_000),
    ],
)
def test_canonical_numbers(slug: str, payload: dict[str, Any], micro: int) -> None:
    assert read(slug, **payload) == Reading(value=micro)


def test_a_location_is_a_point_in_millionths() -> None:
    point = read("location", latitude=-90, longitude=16.3738189, altitude=171)
    assert point == Reading(latitude=-90_000_000, longitude=16_373_819)


@pytest.mark.parametrize(
    ("slug", "payload", "code", "pointer"),
    [
        ("temperature", {}, "missing", "/payload/value"),
        ("temperature", {"value": None}, "missing", "/payload/value"),
        ("temperature", {"value": "21"}, "wrong_type", "/payload/value"),
        ("temperature", {"value": True}, "wrong_type", "/payload/value"),
        ("temperature", {"value": -273.16}, "out_of_range", "/payload/value"),
        ("temperature", {"value": 1000.000001}, "out_of_range", "/payload/value"),
        ("temperature", {"value": 1e308}, "out_of_range", "/payload/value"),
        ("temperature", {"value": 1e308, "unit": "fahrenheit"}, "out_of_range", "/payload/value"),
        ("temperature", {"value": -1, "unit": "kelvin"}, "out_of_range", "/payload/value"),
        ("temperature", {"value": 10**400}, "not_finite", "/payload/value"),
        ("temperature", {"value": 1, "unit": "Celsius"}, "unknown_unit", "/payload/unit"),
        ("temperature", {"value": 1, "unit": 5}, "wrong_type", "/payload/unit"),
        ("humidity", {"value": -1}, "out_of_range", "/payload/value"),
        ("humidity", {"value": 1, "unit": "celsius"}, "unknown_unit", "/payload/unit"),
        ("battery", {"value": 101}, "out_of_range", "/payload/value"),
        ("battery", {"value": 1, "voltage": "3.7"}, "wrong_type", "/payload/voltage"),
        ("location", {"longitude": 1}, "missing", "/payload/latitude"),
        ("location", {"latitude": 90.000001, "longitude": 1}, "out_of_range", "/payload/latitude"),
        ("location", {"latitude": 1, "longitude": -181}, "out_of_range", "/payload/longitude"),
        ("location", {"latitude": 1, "longitude": 1, "speed": "fast"}, "wrong_type", "/payload/speed"),
    ],
)
def test_refusals(slug: str, payload: dict[str, Any], code: str, pointer: str) -> None:
    with pytest.raises(Refusal) as caught:
        read(slug, **payload)
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


def co2(**schema: Any) -> CustomType:
    return CustomType.of({"slug": "co2", "name": "CO₂", "unit": "ppm", "schema": {"type": "object"} | schema})


def test_a_custom_number_is_aggregated_and_other_values_are_not() -> None:
    assert co2().read({"value": 415.25}) == Reading(value=415_250_000)
    assert co2().read({"value": True}) == co2().read({"value": "high"}) == co2().read({}) == Reading()


@pytest.mark.parametrize(
    ("payload", "code", "pointer"),
    [
        ({"floor": "two", "value": 1}, "schema", "/payload/floor"),
        ({"value": 1}, "schema", "/payload"),
        ({"floor": 2, "value": 1e12}, "out_of_range", "/payload/value"),
        ({"floor": 2, "value": 1, "unit": "ppb"}, "unknown_unit", "/payload/unit"),
    ],
)
def test_a_custom_type_refuses(payload: dict[str, Any], code: str, pointer: str) -> None:
    with pytest.raises(Refusal) as caught:
        co2(required=["floor"], properties={"floor": {"type": "integer"}}).read(payload)
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


def test_the_largest_custom_number_is_multiplied_in_doubles() -> None:
    assert co2().read({"value": 999_999_999_999}) == Reading(value=999_999_999_999_000_064)


@pytest.mark.parametrize(
    "definition",
    [
        {},
        {"slug": "Bad Slug"},
        {"slug": "a\n"},
        {"slug": "a", "unit": 5},
        {"slug": "a", "schema": []},
        {"slug": "a", "schema": {"type": "nonsense"}},
        {"slug": "a", "schema": {"$ref": "http://127.0.0.1:9/remote.json"}},
        {"slug": "a", "schema": {"$ref": "#/$defs/none"}},
    ],
)
def test_what_cannot_be_a_type_says_so(definition: dict[str, Any]) -> None:
    with pytest.raises(BadDefinition):
        CustomType.of(definition)


def test_a_catalogue_is_extended_by_making_a_new_one() -> None:
    extended = BUILT_IN.with_custom([{"slug": "co2"}])
    assert "co2" in extended
    assert "co2" not in BUILT_IN
    with pytest.raises(BadDefinition):
        extended.with_custom([{"slug": "temperature"}])


@pytest.mark.parametrize(
    ("schema", "with_unit", "without_unit"),
    [
        ({}, True, True),
        ({"required": ["value", "unit"]}, True, False),
        ({"properties": {"unit": {"const": "ppb"}}}, False, True),
        ({"properties": {"value": {"type": "number"}}, "additionalProperties": False}, False, True),
        ({"properties": {"value": {"minimum": 400, "exclusiveMaximum": 401}}}, True, True),
        ({"required": ["floor"]}, False, False),
    ],
)
def test_plain_schemas(schema: dict[str, Any], with_unit: bool, without_unit: bool) -> None:
    plain = co2(**schema).plain
    assert plain is not None
    assert (plain.with_unit, plain.without_unit) == (with_unit, without_unit)


@pytest.mark.parametrize(
    "schema",
    [
        {"not": {"required": ["unit"]}},
        {"minProperties": 1},
        {"$schema": "http://json-schema.org/draft-04/schema#"},
        {"properties": {"value": {"multipleOf": 5}}},
        {"properties": {"value": {"type": "integer"}}},
        {"properties": {"value": True}},
        {"properties": {"value": {"minimum": 2, "maximum": 1}}},
        {"properties": {"value": {"maximum": 10**400}}},
    ],
)
def test_schemas_that_are_not_plain(schema: dict[str, Any]) -> None:
    assert co2(**schema).plain is None
