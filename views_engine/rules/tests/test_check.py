"""A rule that makes no sense is refused, field by field."""

from typing import Any

import pytest

from views_engine.rules import check

CORNERS = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOT = {"operator": ">", "value": 30}


def fence(*rings: Any, kind: str = "Polygon") -> dict[str, Any]:
    return {"polygon": {"type": kind, "coordinates": list(rings)}, "when": "inside"}


@pytest.mark.parametrize(
    ("kind", "event_type", "parameters"),
    [
        ("threshold", "temperature", HOT),
        ("threshold", "door", {**HOT, "for_s": 600, "clear_value": 28.5}),
        ("threshold", "temperature", {"operator": "<=", "value": 0, "clear_value": None}),
        ("range", "humidity", {"low": 5, "high": 5}),
        ("rate_of_change", "temperature", {"limit": 0.5, "per_s": 3600}),
        ("no_data", None, {"after_s": 900}),
        ("no_data", "location", {"after_s": 900}),
        ("geofence", None, fence(CORNERS)),
        ("geofence", "location", fence([CORNERS], [[[20, 0, 5], [30, 0], [25, 9], [20, 0]]], kind="MultiPolygon")),
        ("battery", None, {"below": 15}),
        ("battery", "battery", {"days_left_below": 2.5}),
    ],
)
def test_rules_that_make_sense(kind: str, event_type: str | None, parameters: dict[str, Any]) -> None:
    assert check(kind, event_type, parameters) == []


@pytest.mark.parametrize(
    ("kind", "event_type", "parameters", "expected"),
    [
        (None, None, {}, [("/kind", "missing")]),
        ("thunder", None, {}, [("/kind", "unknown_kind")]),
        (["threshold"], None, {}, [("/kind", "unknown_kind")]),
        ("threshold", None, HOT, [("/event_type", "missing")]),
        ("threshold", "location", HOT, [("/event_type", "wrong_event_type")]),
        ("threshold", 7, HOT, [("/event_type", "wrong_type")]),
        ("battery", "temperature", {"below": 15}, [("/event_type", "wrong_event_type")]),
        ("geofence", "battery", fence(CORNERS), [("/event_type", "wrong_event_type")]),
        ("no_data", None, [], [("/parameters", "wrong_type")]),
        ("no_data", None, None, [("/parameters/after_s", "missing")]),
    ],
)
def test_a_kind_its_events_and_its_parameters_must_fit(
    kind: Any, event_type: Any, parameters: Any, expected: list[Any]
) -> None:
    assert [fault[:2] for fault in check(kind, event_type, parameters)] == expected


@pytest.mark.parametrize(
    ("kind", "parameters", "expected"),
    [
        ("threshold", {}, [("operator", "missing"), ("value", "missing")]),
        ("threshold", {**HOT, "operator": "=>"}, [("operator", "out_of_range")]),
        ("threshold", {**HOT, "value": True}, [("value", "wrong_type")]),
        ("threshold", {**HOT, "value": "30"}, [("value", "wrong_type")]),
        ("threshold", {**HOT, "value": float("nan")}, [("value", "not_finite")]),
        ("threshold", {**HOT, "value": float("inf")}, [("value", "not_finite")]),
        ("threshold", {**HOT, "value": 10**400}, [("value", "out_of_range")]),
        ("threshold", {**HOT, "for_s": -1}, [("for_s", "out_of_range")]),
        ("threshold", {**HOT, "for_s": 10**9}, [("for_s", "out_of_range")]),
        ("threshold", {**HOT, "clear_value": 30.5}, [("clear_value", "out_of_range")]),
        ("threshold", {"operator": "<", "value": 3, "clear_value": 2}, [("clear_value", "out_of_range")]),
        ("threshold", {**HOT, "fro_s": 60}, [("fro_s", "unknown_member")]),
        ("range", {"low": 6, "high": 5}, [("high", "out_of_range")]),
        ("range", {"low": None, "high": "x"}, [("low", "missing"), ("high", "wrong_type")]),
        ("rate_of_change", {"limit": -1}, [("limit", "out_of_range")]),
        ("rate_of_change", {"limit": 1, "per_s": 0}, [("per_s", "out_of_range")]),
        ("no_data", {"after_s": 0}, [("after_s", "out_of_range")]),
        ("no_data", {"after_s": 9, "for_s": 9}, [("for_s", "unknown_member")]),
        ("battery", {}, [("below", "missing")]),
        ("battery", {"below": 101}, [("below", "out_of_range")]),
        ("battery", {"below": 0}, [("below", "out_of_range")]),
        ("battery", {"below": 10, "days_left_below": 3}, [("days_left_below", "out_of_range")]),
    ],
)
def test_parameters_that_make_no_sense(kind: str, parameters: dict[str, Any], expected: list[Any]) -> None:
    event_type = None if kind in ("battery", "no_data") else "temperature"
    faults = [(fault.pointer.removeprefix("/parameters/"), fault.code) for fault in check(kind, event_type, parameters)]
    assert faults == expected


@pytest.mark.parametrize(
    ("parameters", "pointer", "code"),
    [
        ({"when": "inside"}, "polygon", "missing"),
        ({**fence(CORNERS), "when": "near"}, "when", "out_of_range"),
        ({"when": "inside", "polygon": "POLYGON((0 0"}, "polygon", "wrong_type"),
        ({"when": "inside", "polygon": {"type": "Circle"}}, "polygon/type", "out_of_range"),
        ({"when": "inside", "polygon": {"type": "Polygon"}}, "polygon/coordinates", "missing"),
        (fence(), "polygon/coordinates", "bad_polygon"),
        (fence("abc"), "polygon/coordinates/0", "wrong_type"),
        (fence(CORNERS[:-1]), "polygon/coordinates/0", "bad_polygon"),
        (fence([[0, 0], [1, 1], [0, 0]]), "polygon/coordinates/0", "bad_polygon"),
        (fence([[0, 0], [1], [0, 0]]), "polygon/coordinates/0/1", "wrong_type"),
        (fence([[0, 0], [1, 91], [1, 1], [0, 0]]), "polygon/coordinates/0/1/1", "out_of_range"),
        (fence([[0, 0], [181, 1], [1, 1], [0, 0]]), "polygon/coordinates/0/1/0", "out_of_range"),
        (fence([[0, 0], [float("nan"), 1], [1, 1], [0, 0]]), "polygon/coordinates/0/1/0", "not_finite"),
        (fence([[0, 0], [True, 1], [1, 1], [0, 0]]), "polygon/coordinates/0/1/0", "wrong_type"),
        (fence([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), "polygon", "bad_polygon"),
        (fence([[0, 0], [1, 0], [2, 0], [0, 0]]), "polygon", "bad_polygon"),
        (fence(CORNERS, [[20, 20], [21, 20], [21, 21], [20, 20]]), "polygon", "bad_polygon"),
        (fence([CORNERS], [CORNERS], kind="MultiPolygon"), "polygon", "bad_polygon"),
        (fence([CORNERS, 5], kind="MultiPolygon"), "polygon/coordinates/0/1", "wrong_type"),
        (fence([[0, 0]] * 3000), "polygon/coordinates", "out_of_range"),
    ],
)
def test_areas_that_make_no_sense(parameters: dict[str, Any], pointer: str, code: str) -> None:
    assert [fault[:2] for fault in check("geofence", None, parameters)] == [(f"/parameters/{pointer}", code)]
