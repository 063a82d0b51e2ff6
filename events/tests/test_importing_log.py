"""Blocks into the raw log, and what a dry run says of them."""

from collections.abc import Collection

import orjson
import pytest

from events.event_types import BUILT_IN
from events.importing import report
from events.importing.appending import MOST_LINES, Appended, Appender
from events.importing.block import Block
from events.importing.dry_run import DryRun
from events.importing.lines import block_of
from events.log.base import Record, Topic, shard_of
from events.log.memory import MemoryLog

NOW = 1_770_000_000_000
DEVICES = {"a", "b"}


def line(device: str, value: object = 20) -> bytes:
    return orjson.dumps({"device_id": device, "event_type": "temperature", "payload": {"value": value}})


def block(*lines: bytes) -> Block:
    return block_of(b"\n".join(lines))


def known(ids: Collection[str]) -> set[str]:
    return DEVICES & set(ids)


def raw(log: MemoryLog, shard: int = 0) -> list[Record]:
    return log.read(Topic.RAW, shard, 0)


def test_known_devices_are_vouched_for_and_unknown_ones_are_not() -> None:
    log = MemoryLog()
    appender = Appender(log, clock=lambda: NOW, known=known, register=None)
    appender.append(block(line("a"), line("x"), b"{oops", line("b")))
    assert {record.headers["source"]: record.value.split(b"\n") for record in raw(log)} == {
        "import": [line("a"), b"{oops", line("b")],
        "direct": [line("x")],
    }
    assert appender.done == Appended(4, {"x"}, set())


def test_register_makes_devices_of_well_formed_ids_only_and_asks_once() -> None:
    made: list[set[str]] = []
    log = MemoryLog()
    appender = Appender(log, clock=lambda: NOW, known=known, register=lambda ids: made.append(set(ids)))
    appender.append(block(line("x"), line("not/good")))
    appender.append(block(line("x"), line("a")))
    assert made == [{"x"}]
    assert {record.headers["source"] for record in raw(log)} == {"import"}
    assert appender.done.registered == {"x"}


def test_every_device_goes_to_its_shard_in_order() -> None:
    log = MemoryLog(shards=3)
    lines = [line(device, value) for value in range(20) for device in ("a", "b", "c", "d")]
    Appender(log, clock=lambda: NOW, known=set, register=None).append(block(*lines))
    for shard in range(3):
        found = [one for record in raw(log, shard) for one in record.value.split(b"\n")]
        assert found == [one for one in lines if shard_of(orjson.loads(one)["device_id"], 3) == shard]


def test_records_hold_some_thousand_lines_and_the_receive_time() -> None:
    log = MemoryLog()
    Appender(log, clock=lambda: NOW, known=known, register=None).append(block(*[line("a")] * (MOST_LINES + 1)))
    assert [record.events for record in raw(log)] == [MOST_LINES, 1]
    assert {record.timestamp for record in raw(log)} == {NOW}


def test_a_dry_run_counts_what_would_be_taken_and_shows_examples_of_the_rest() -> None:
    run = DryRun(types=BUILT_IN, now=NOW, known=known)
    run.look_at(block(line("a"), b"{oops", line("x")))
    run.look_at(block(*[line("b", 5000)] * 5, line("b")))
    assert run.forecast.taken == 2
    assert run.forecast.refused == {"not_json": 1, "unknown_device": 1, "out_of_range": 5}
    assert [example.number for example in run.forecast.examples["out_of_range"]] == [4, 5, 6]
    assert [example.line for example in run.forecast.examples["not_json"]] == ["{oops"]


def test_a_dry_run_that_would_register_knows_every_device() -> None:
    run = DryRun(types=BUILT_IN, now=NOW, known=None)
    run.look_at(block(line("x")))
    assert (run.forecast.taken, run.forecast.devices) == (1, {"x"})


def test_the_report_has_a_row_for_every_fate_with_its_change() -> None:
    before, after = {"received": 1000, "applied": 1000}, {"received": 3000, "applied": 2000, "duplicate": 1000}
    assert report.ledger(before, after).splitlines() == [
        "           change  in all",
        "received   +2,000   3,000",
        "applied    +1,000   2,000",
        "duplicate  +1,000   1,000",
    ]


@pytest.mark.parametrize(("count", "named"), [(0, "none"), (2, "d0, d1"), (7, "d0, d1, d2, d3, d4 and 2 more")])
def test_the_report_names_a_few_devices(count: int, named: str) -> None:
    run = DryRun(types=BUILT_IN, now=NOW, known=None)
    if count:
        run.look_at(block(*(line(f"d{number}") for number in range(count))))
    assert f"Devices: {named}." in report.forecast(run.forecast)
