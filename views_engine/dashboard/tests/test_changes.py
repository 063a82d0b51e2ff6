from collections.abc import Iterable
from typing import Any

import orjson

from views_engine.dashboard.changes import Pending, device_group, encode_change, rfc3339


def line(*changes: dict[str, Any], corrected: Iterable[str] = (), **counts: int) -> dict[str, Any]:
    return {"changes": list(changes), "corrected": list(corrected), "applied": 0, "late": 0, "duplicate": 0, **counts}


def reading(
    device_id: str = "a", event_type: str = "temperature", at: int = 1000, value: int = 21_500_000
) -> dict[str, Any]:
    return {
        "device_id": device_id,
        "kind": "reading",
        "event_type": event_type,
        "observed_at": at,
        "value": value,
    }


def test_people_see_canonical_numbers_and_times() -> None:
    assert orjson.loads(encode_change(reading(at=1_769_860_800_007, value=-1))) == {
        "device_id": "a",
        "kind": "reading",
        "event_type": "temperature",
        "observed_at": "2026-01-31T12:00:00.007Z",
        "value": -0.000001,
    }


def test_positions_are_degrees() -> None:
    change = {"device_id": "a", "kind": "reading", "event_type": "location", "latitude": 48_850_000, "longitude": -1}
    assert orjson.loads(encode_change(change)) == {**change, "latitude": 48.85, "longitude": -0.000001}


def test_times_before_1970_keep_their_milliseconds() -> None:
    assert rfc3339(-1) == "1969-12-31T23:59:59.999Z"


def test_of_several_readings_of_a_device_and_type_the_newest_line_stays() -> None:
    pending = Pending()
    pending.add_line(line(reading(value=1_000_000), reading(event_type="humidity")))
    pending.add_line(line(reading(value=2_000_000, at=2000)))
    values = [orjson.loads(text)["value"] for text in pending.for_fleet()["changes"].values()]
    assert values == [2.0, 21.5]


def test_a_device_hears_of_itself_alone() -> None:
    pending = Pending()
    pending.add_line(line(reading("a"), reading("b"), corrected=["b"]))
    assert [orjson.loads(text)["device_id"] for text in pending.for_device("b")["changes"].values()] == ["b"]
    assert pending.for_device("b")["reasons"] == ["epoch"]
    assert pending.for_device("a")["reasons"] == []
    assert not pending.touches("c")


def test_everybody_hears_of_a_new_live_calculator() -> None:
    pending = Pending()
    pending.add_reason("live_changed")
    assert pending.touches("never-heard")
    assert pending.for_device("never-heard")["reasons"] == ["live_changed"]


def test_counts_alone_are_worth_telling() -> None:
    pending = Pending()
    assert not pending
    pending.add_line(line(late=3))
    assert pending
    assert pending.for_fleet()["counts"] == {"applied": 0, "late": 3, "duplicate": 0}


def test_group_names_fit_the_channel_layer_whatever_the_id() -> None:
    assert device_group("a:" * 32).replace(".", "").isalnum()
    assert device_group("a:b") != device_group("a.b")


def test_every_alert_of_a_device_is_told() -> None:
    pending = Pending()
    alert = {"device_id": "a", "kind": "alert", "alert": 1, "state": "open", "severity": "critical"}
    pending.add_line(line(alert, {**alert, "alert": 2}, {**alert, "state": "cleared"}))
    told = [orjson.loads(text) for text in pending.for_device("a")["changes"].values()]
    assert {(change["alert"], change["state"]) for change in told} == {(1, "cleared"), (2, "open")}
