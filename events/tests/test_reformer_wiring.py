"""The reformer with the database around it."""

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError

from devices.models import Device
from events.log.base import LogUnavailable, Topic
from events.log.memory import MemoryLog
from events.models import DeadLetter, EventType
from events.records import Source, raw_entry, read_batch
from events.reformer import wiring
from events.tests.reforming import NOON, line

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> MemoryLog:
    log = MemoryLog(shards=2)
    monkeypatch.setattr("events.reformer.wiring.get_log", lambda: log)
    return log


def send(log: MemoryLog, *lines: bytes, source: Source = Source.DOOR, shard: int = 0) -> None:
    log.append(Topic.RAW, [raw_entry(lines, shard=shard, received_at=NOON, source=source)])


def test_all_shards_are_one_worker(log: MemoryLog) -> None:
    send(log, line(), shard=0)
    send(log, line(), shard=1)
    worker = wiring.reformers(None, linger=False)
    assert worker.step()
    assert not worker.step()
    assert [log.head(Topic.ORDERED, shard).events for shard in (0, 1)] == [1, 1]


def test_one_shard_is_left_to_another_process(log: MemoryLog) -> None:
    send(log, line(), shard=0)
    send(log, line(), shard=1)
    wiring.reformers(1, linger=False).step()
    assert [log.head(Topic.ORDERED, shard).events for shard in (0, 1)] == [0, 1]


def test_a_type_is_known_as_soon_as_it_is_defined(log: MemoryLog) -> None:
    worker = wiring.reformers(0, linger=False)
    worker.step()
    EventType.objects.create(slug="co2", unit="ppm")
    send(log, line(event_type="co2"))
    worker.step()
    (record, *_) = [record for record in log.read(Topic.ORDERED, 0, 0) if record.events]
    assert read_batch(record).column("event_type").to_pylist() == ["co2"]


def test_letters_and_devices_are_those_of_the_database(log: MemoryLog) -> None:
    Device.objects.create(device_id="known")
    send(log, line("known"), line("stranger"), b"garbage", source=Source.DIRECT)
    wiring.reformers(0, linger=False).step()
    assert list(DeadLetter.objects.order_by("arrival").values_list("arrival", "reason", "device_id")) == [
        (1, "unknown_device", "stranger"),
        (2, "invalid", ""),
    ]


def test_letters_of_a_step_that_was_never_committed_are_forgotten(log: MemoryLog) -> None:
    send(log, b"garbage")
    wiring.reformers(0, linger=False).step()
    before = DeadLetter.objects.get()
    DeadLetter.objects.create(shard=0, arrival=1, reason="invalid", received_at=before.received_at, raw=b"")
    wiring.reformers(0, linger=False).step()
    assert list(DeadLetter.objects.all()) == [before]


def test_a_database_that_does_not_answer_is_asked_again(log: MemoryLog) -> None:
    def ask() -> None:
        raise OperationalError("database is locked")

    with pytest.raises(LogUnavailable, match="The database cannot do this: database is locked"):
        wiring._asking(ask)()


def test_the_settings_are_taken_over() -> None:
    config = settings.CONFIG.model_copy(
        update={"events": settings.CONFIG.events.model_copy(update={"retention_days": 2, "max_clock_ahead_s": 1.5})}
    )
    taken = wiring.reformer_settings(config)
    assert (taken.limits.retention, taken.limits.max_clock_ahead) == (2 * 86_400_000, 1500)
    assert taken.limits.earliest_observed_at == 946_684_800_000
    assert taken.processing_interval == config.reformer.processing_interval_ms
    assert wiring.reformer_settings(config, linger=False).processing_interval == 0


def test_a_shard_that_does_not_exist_is_named() -> None:
    with pytest.raises(CommandError, match="--shard 7: the log has the shards 0 to 0") as error:
        call_command("run_reformer", "--shard", "7")
    assert error.value.returncode == 2
