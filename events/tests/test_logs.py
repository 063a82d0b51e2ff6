"""One contract for every log."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from events.log.base import Committed, Entry, Fenced, Head, Log, Topic, shard_of
from events.log.memory import MemoryLog
from events.log.sqlite import SqliteLog

Opener = Callable[[], Log]
KINDS = ("memory", "sqlite")


def entry(value: bytes = b"a", *, shard: int = 0, events: int = 1) -> Entry:
    return Entry(shard=shard, value=value, timestamp=1000, events=events, key="k", headers={"format": "ndjson"})


def values(log: Log, topic: Topic = Topic.RAW, shard: int = 0, position: int = 0) -> list[bytes]:
    return [record.value for record in log.read(topic, shard, position)]


def step(log: Log, outputs: Sequence[Entry], position: int, state: str = "") -> None:
    with log.transaction("group", 0) as transaction:
        transaction.append(Topic.ORDERED, outputs)
        transaction.commit(position, state)


def failing_step(log: Log) -> None:
    with log.transaction("group", 0) as transaction:
        transaction.append(Topic.ORDERED, [entry(b"out")])
        transaction.commit(7)
        raise ZeroDivisionError


@pytest.fixture(params=KINDS)
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens one more handle on the same log, as another process would."""
    memory = MemoryLog(shards=2)
    opened: list[Log] = []

    def open_one() -> Log:
        opened.append(memory.beside() if request.param == "memory" else SqliteLog(tmp_path / "log", shards=2))
        return opened[-1]

    yield open_one
    for log in opened:
        log.close()


@pytest.fixture
def log(another: Opener) -> Log:
    return another()


def test_an_empty_log_starts_at_zero(log: Log) -> None:
    assert log.head(Topic.RAW, 0) == log.oldest(Topic.RAW, 0) == Head(0, 0)
    assert log.read(Topic.RAW, 0, 0) == []
    assert log.committed("group", 0) == Committed(0, "")


def test_records_come_back_as_they_were_appended(log: Log) -> None:
    log.append(Topic.RAW, [entry(b"a", events=2), entry(b"b\x00\xff", events=0)])
    log.append(Topic.RAW, [entry(b"", events=5)])
    first, second, third = log.read(Topic.RAW, 0, 0)
    assert (first.position, first.first_event, first.events) == (0, 0, 2)
    assert (second.position, second.first_event, second.value) == (1, 2, b"b\x00\xff")
    assert (third.position, third.first_event, third.value) == (2, 2, b"")
    assert (first.timestamp, first.key, dict(first.headers)) == (1000, "k", {"format": "ndjson"})
    assert log.head(Topic.RAW, 0) == Head(3, 7)


def test_shards_and_topics_count_for_themselves(log: Log) -> None:
    log.append(Topic.RAW, [entry(b"a"), entry(b"b", shard=1), entry(b"c")])
    log.append(Topic.ORDERED, [entry(b"d", shard=1)])
    assert values(log) == [b"a", b"c"]
    assert values(log, shard=1) == [b"b"]
    assert values(log, Topic.ORDERED, 1) == [b"d"]
    assert log.head(Topic.ORDERED, 0) == Head(0, 0)


def test_an_append_with_a_bad_shard_appends_nothing(log: Log) -> None:
    with pytest.raises(ValueError, match="no shard 2"):
        log.append(Topic.RAW, [entry(b"a"), entry(b"b", shard=2)])
    assert values(log) == []


def test_reading_starts_anywhere_and_ends_at_the_head(log: Log) -> None:
    log.append(Topic.RAW, [entry(bytes([n])) for n in range(5)])
    assert values(log, position=3) == [b"\x03", b"\x04"]
    assert values(log, position=5) == values(log, position=50) == []


def test_reading_keeps_to_its_limits_but_gives_at_least_one(log: Log) -> None:
    log.append(Topic.RAW, [entry(events=10) for _ in range(5)])
    assert len(log.read(Topic.RAW, 0, 0, max_records=2)) == 2
    assert len(log.read(Topic.RAW, 0, 0, max_events=35)) == 3
    assert len(log.read(Topic.RAW, 0, 0, max_events=5)) == 1


def test_another_handle_sees_what_was_appended(another: Opener) -> None:
    writer, reader = another(), another()
    assert values(reader) == []
    writer.append(Topic.RAW, [entry(b"a")])
    assert values(reader) == [b"a"]


def test_a_transaction_makes_outputs_and_position_durable_together(another: Opener) -> None:
    log = another()
    log.claim("group", 0)
    with log.transaction("group", 0) as transaction:
        transaction.append(Topic.ORDERED, [entry(b"out")])
        transaction.commit(7, "state")
        assert values(another(), Topic.ORDERED) == []
    assert values(another(), Topic.ORDERED) == [b"out"]
    assert another().committed("group", 0) == Committed(7, "state")
    assert another().committed("group", 1) == Committed(0, "")


def test_a_failing_transaction_leaves_nothing(log: Log) -> None:
    log.claim("group", 0)
    with pytest.raises(ZeroDivisionError):
        failing_step(log)
    with pytest.raises(ValueError, match="no shard 9"):
        step(log, [entry(b"out"), entry(b"bad", shard=9)], 7)
    assert values(log, Topic.ORDERED) == []
    assert log.committed("group", 0).position == 0


def test_a_transaction_without_a_commit_keeps_the_position(log: Log) -> None:
    log.claim("group", 0)
    step(log, [], 7, "state")
    with log.transaction("group", 0) as transaction:
        transaction.append(Topic.ORDERED, [entry(b"out")])
    assert log.committed("group", 0) == Committed(7, "state")


def test_an_older_claimant_is_fenced(another: Opener) -> None:
    old, new = another(), another()
    old.claim("group", 0)
    step(old, [], 3, "old")
    assert new.claim("group", 0) == Committed(3, "old")
    with pytest.raises(Fenced):
        step(old, [entry(b"out")], 4)
    assert values(new, Topic.ORDERED) == []
    assert new.committed("group", 0).position == 3


def test_claims_are_per_group_and_shard(another: Opener) -> None:
    one, two = another(), another()
    one.claim("group", 0)
    two.claim("group", 1)
    two.claim("other", 0)
    step(one, [], 1)
    assert two.committed("group", 0).position == 1


def test_a_shard_knows_nothing_of_the_position_of_another(log: Log) -> None:
    log.claim("group", 1)
    with log.transaction("group", 1) as transaction:
        transaction.commit(7, "state")
    assert log.committed("group", 0) == Committed(0, "")
    assert log.claim("group", 0) == Committed(0, "")


def test_committing_without_a_claim_is_fenced(log: Log) -> None:
    with pytest.raises(Fenced):
        step(log, [], 1)


def test_trim_forgets_but_goes_on_counting(another: Opener) -> None:
    log = another()
    log.append(Topic.RAW, [entry(bytes([n]), events=2) for n in range(5)])
    assert log.trim(Topic.RAW, 0, 3) == 3
    assert log.trim(Topic.RAW, 0, 3) == 0
    assert (log.oldest(Topic.RAW, 0), log.head(Topic.RAW, 0)) == (Head(3, 6), Head(5, 10))
    assert values(log, position=0) == [b"\x03", b"\x04"]
    assert log.trim(Topic.RAW, 0, 99) == 2
    assert log.oldest(Topic.RAW, 0) == log.head(Topic.RAW, 0) == Head(5, 10)
    log.append(Topic.RAW, [entry(b"next")])
    (record,) = another().read(Topic.RAW, 0, 0)
    assert (record.position, record.first_event) == (5, 10)


def test_threads_append_without_losing_or_doubling(log: Log) -> None:
    def append(thread: int) -> None:
        for n in range(50):
            log.append(Topic.RAW, [entry(bytes([thread, n])), entry(b"", shard=1)])

    threads = [threading.Thread(target=append, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = log.read(Topic.RAW, 0, 0)
    assert sorted(record.value for record in records) == [bytes([t, n]) for t in range(4) for n in range(50)]
    assert [record.first_event for record in records] == [record.position for record in records] == list(range(200))
    assert log.head(Topic.RAW, 1) == Head(200, 200)


def test_a_log_is_built_from_the_settings(tmp_path: Path) -> None:
    class Config:
        class log:
            shards = 3

    kinds: list[Any] = [MemoryLog, SqliteLog]
    for kind in kinds:
        built: Log = kind.from_settings(Config, tmp_path)
        built.append(Topic.RAW, [entry(b"a", shard=2)])
        assert (built.shards, values(built, shard=2)) == (3, [b"a"])
        built.close()
    assert (tmp_path / "log" / "raw.sqlite3").exists()


def test_the_shard_of_a_device_is_its_crc_32() -> None:
    """0xCBF43926 is the published check value of CRC-32 for the digits 1 to 9."""
    assert shard_of("123456789", 1024) == 0xCBF43926 % 1024


def _append_many(directory: str, process: int) -> None:
    log = SqliteLog(Path(directory), shards=2)
    for n in range(100):
        log.append(Topic.RAW, [entry(bytes([process, n])), entry(b"", shard=1)])
    log.close()


def test_processes_that_append_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_append_many, args=(str(tmp_path), n)) for n in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    log = SqliteLog(tmp_path, shards=2)
    records = log.read(Topic.RAW, 0, 0)
    assert sorted(record.value for record in records) == [bytes([p, n]) for p in range(3) for n in range(100)]
    assert [record.position for record in records] == list(range(300))
    assert log.head(Topic.RAW, 1) == Head(300, 300)
