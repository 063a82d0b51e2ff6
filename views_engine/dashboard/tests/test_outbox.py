from collections.abc import Sequence
from typing import Any

import orjson

from views_engine.dashboard.outbox import Outbox


def message(text: str = '{"device_id":"a"}', position: int = 1, reasons: Sequence[str] = ()) -> dict[str, Any]:
    version = {"0": {"epoch": 1, "position": position}}
    return {"changes": {"a": text}, "counts": {"applied": 1}, "reasons": reasons, "version": version}


def taken(outbox: Outbox) -> Any:
    return orjson.loads(outbox.take())


def test_a_subscription_is_answered_with_an_empty_frame() -> None:
    outbox = Outbox()
    outbox.subscribed({"0": {"epoch": 1, "position": 7}})
    assert taken(outbox) == {
        "type": "frame",
        "n": 1,
        "version": {"0": {"epoch": 1, "position": 7}},
        "counts": {},
        "changes": [],
    }
    assert not outbox


def test_what_waits_is_merged_and_carries_the_last_version() -> None:
    outbox = Outbox()
    outbox.add(message(text='{"value":1}', position=1))
    outbox.add(message(text='{"value":2}', position=2))
    frame = taken(outbox)
    assert frame["changes"] == [{"value": 2}]
    assert frame["version"]["0"]["position"] == 2
    assert frame["counts"]["applied"] == 2


def test_a_resync_goes_before_the_changes_and_shares_their_numbers() -> None:
    outbox = Outbox()
    outbox.add(message(reasons=["epoch"]))
    first, second = taken(outbox), taken(outbox)
    assert (first["type"], first["n"], first["reason"]) == ("resync", 1, "epoch")
    assert (second["type"], second["n"], len(second["changes"])) == ("frame", 2, 1)
    assert not outbox


def test_the_same_reason_is_told_once() -> None:
    outbox = Outbox()
    outbox.resync("epoch")
    outbox.resync("epoch")
    outbox.resync("gap")
    assert taken(outbox)["reason"] == "epoch,gap"
    assert not outbox


def test_another_subscription_drops_what_waited_for_the_first_and_counts_on() -> None:
    outbox = Outbox()
    outbox.add(message())
    assert taken(outbox)["n"] == 1
    outbox.add(message())
    outbox.subscribed({})
    frame = taken(outbox)
    assert (frame["n"], frame["changes"]) == (2, [])
