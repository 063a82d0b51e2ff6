"""The parts every list and every error of the API is made of."""

from typing import Any

import pytest
from django.http import QueryDict
from rest_framework import serializers

from devices import presence
from devices.models import Device, DeviceType
from devices.pagination import decode_cursor, encode_cursor, limit_of
from devices.parameters import boolean, refuse_unknown
from devices.problems import BadParameter, flatten, problem


class Inner(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)


class Outer(serializers.Serializer[Any]):
    one = Inner()
    several = Inner(many=True)
    words = serializers.ListField(child=serializers.CharField(max_length=3))

    def validate(self, attrs: Any) -> Any:
        raise serializers.ValidationError("All of it is wrong.")


def found(serializer: Any) -> list[tuple[Any, ...]]:
    assert not serializer.is_valid()
    details = serializers.ValidationError(serializer.errors).get_full_details()
    return [(error.get("index"), error["pointer"], error["code"]) for error in flatten(details)]


def test_members_inside_members_have_their_pointers() -> None:
    data = {"one": {"number": 0}, "several": [{"number": 1}, {}], "words": ["ok", "long"]}
    assert found(Outer(data=data)) == [
        (None, "/one/number", "min_value"),
        (None, "/several/1/number", "missing"),
        (None, "/words/1", "max_length"),
    ]


def test_what_concerns_the_whole_has_the_empty_pointer() -> None:
    assert found(Outer(data={"one": {"number": 1}, "several": [], "words": []})) == [(None, "", "invalid")]


def test_items_of_an_array_are_told_by_their_index() -> None:
    assert found(Inner(data=[{"number": 1}, {"number": 0}, {}], many=True)) == [
        (1, "/number", "min_value"),
        (2, "/number", "missing"),
    ]


def test_slashes_and_tildes_in_names_are_escaped() -> None:
    assert [error["pointer"] for error in flatten({"a/b~c": [{"message": "no", "code": "x"}]})] == ["/a~1b~0c"]


def test_a_problem_lists_a_thousand_errors_at_most() -> None:
    body = problem(422, "Nothing is acceptable.", errors=[{"index": n} for n in range(1001)])
    assert (body["title"], len(body["errors"])) == ("Unprocessable Entity", 1000)


@pytest.mark.parametrize("values", [["a"], [1, "b:c.d", None], [2**63, True], ["ü"]])
def test_a_cursor_gives_back_what_it_was_given(values: list[Any]) -> None:
    assert decode_cursor(encode_cursor(values, "list"), "list") == values


@pytest.mark.parametrize("text", ["", ".", "x", "WzFd", "WzFd.AAAA", "\0", "é"])
def test_no_other_text_is_a_cursor(text: str) -> None:
    with pytest.raises(BadParameter):
        decode_cursor(text, "list")


def test_a_cursor_belongs_to_its_list() -> None:
    with pytest.raises(BadParameter):
        decode_cursor(encode_cursor([1], "list"), "another")


@pytest.mark.parametrize(("query", "limit"), [("", 100), ("limit=1", 1), ("limit=1000", 1000)])
def test_a_limit_is_read(query: str, limit: int) -> None:
    assert limit_of(QueryDict(query)) == limit


@pytest.mark.parametrize("query", ["b=1", "a=1&a=2", "a=%00", "A=1"])
def test_parameters_must_be_known(query: str) -> None:
    with pytest.raises(BadParameter):
        refuse_unknown(QueryDict(query), {"a"})


@pytest.mark.parametrize(("query", "value"), [("", None), ("a=true", True), ("a=0", False), ("a=FALSE", False)])
def test_a_boolean_is_read(query: str, value: bool | None) -> None:
    assert boolean(QueryDict(query), "a") is value


@pytest.mark.django_db
def test_a_device_is_offline_after_its_own_time_or_that_of_its_type() -> None:
    kind = DeviceType.objects.create(slug="slow", name="Slow", offline_after_s=60)
    Device.objects.create(device_id="own", offline_after_s=5, device_type=kind)
    Device.objects.create(device_id="typed", device_type=kind)
    Device.objects.create(device_id="plain", device_type=DeviceType.objects.create(slug="t", name="T"))
    assert presence.overrides() == {"own": 5, "typed": 60}


def test_nobody_is_said_to_be_online_without_a_source() -> None:
    with pytest.raises(presence.Unknown):
        presence.last_received()
