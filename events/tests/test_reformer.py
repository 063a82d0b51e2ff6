"""The reformer's step, its markers and its clock."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from events.log.base import Entry, Fenced, Log, Topic
from events.log.memory import MemoryLog
from events.log.sqlite import SqliteLog
from events.records import Fate, Source, read_progress
from events.reformer import ReformerSettings
from events.tests.reforming import NOON, Bench, line, rfc3339

HOUR = 3_600_000


@pytest.fixture(params=["memory", "sqlite"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    log: Log = MemoryLog() if request.param == "memory" else SqliteLog(tmp_path)
    yield Bench(log)
    log.close()


def test_a_step_writes_one_batch_in_order(bench: Bench) -> None:
    bench.send(line("b", at=NOON - 5), line("a", at=NOON))
    bench.send(line("a", at=NOON - 9))
    assert bench.reformer().step()
    assert [(row["device_id"], row["observed_at"], row["arrival"]) for row in bench.rows()] == [
        ("a", NOON - 9, 2),
        ("a", NOON, 1),
        ("b", NOON - 5, 0),
    ]
    progress = read_progress(bench.records()[0])
    assert (progress.raw, progress.raw_events, progress.fates) == (2, 3, {})


def test_a_step_without_work_says_so(bench: Bench) -> None:
    reformer = bench.reformer()
    assert not reformer.step()
    bench.send(line())
    assert reformer.step()
    assert not reformer.step()


def test_every_record_keeps_the_time_of_its_own_receipt(bench: Bench) -> None:
    bench.send(line("a", at=None))
    bench.now += 10
    bench.send(line("b", at=None))
    bench.send(line("c", at=NOON - HOUR, received_at=rfc3339(NOON - 5)), source=Source.IMPORT)
    bench.send(line("d", received_at=rfc3339(NOON - 5)))
    bench.reformer().step()
    assert [row["received_at"] for row in bench.rows()] == [NOON, NOON + 10, NOON - 5, NOON + 10]
    assert [row["observed_at"] for row in bench.rows()][:2] == [NOON, NOON + 10]


def test_a_device_not_seen_since_the_start_may_be_late(bench: Bench) -> None:
    bench.send(line())
    bench.reformer().step()
    assert bench.kinds() == ["events", "marker"]
    (marker,) = bench.markers()
    assert (marker.epoch, marker.late_events, marker.oldest_observed_at) == (1, 0, None)


def test_events_in_time_need_no_marker(bench: Bench) -> None:
    reformer = bench.reformer()
    bench.send(line())
    reformer.step()
    bench.now += HOUR
    bench.send(line(at=NOON + 1), line(at=NOON + 2))
    reformer.step()
    assert bench.kinds() == ["events", "marker", "events"]


def test_late_events_get_their_marker_at_once(bench: Bench) -> None:
    reformer = bench.reformer()
    bench.send(line("a"), line("b"))
    reformer.step()
    bench.now += HOUR
    bench.send(line("a", at=NOON - 7), line("b", at=NOON - 8), line("b", at=NOON - 9), line("b", at=NOON + 1))
    reformer.step()
    marker = bench.markers()[-1]
    assert (marker.epoch, marker.late_events, marker.devices, marker.oldest_observed_at) == (2, 3, 2, NOON - 9)
    assert marker.plan == "inline"


def test_markers_keep_their_distance_and_the_last_goes_out_alone(bench: Bench) -> None:
    reformer = bench.reformer()
    bench.send(line())
    reformer.step()
    for n in (1, 2):
        bench.now += 400
        bench.send(line(at=NOON - n))
        assert reformer.step()
    assert bench.kinds() == ["events", "marker", "events", "events"]
    bench.now += 199
    assert not reformer.step()
    assert len(bench.markers()) == 1
    bench.now += 1
    assert not reformer.step()
    assert [(marker.epoch, marker.late_events, marker.devices) for marker in bench.markers()] == [(1, 0, 0), (2, 2, 1)]


def test_a_clock_set_back_makes_no_marker_wait(bench: Bench) -> None:
    reformer = bench.reformer()
    bench.send(line())
    reformer.step()
    bench.now -= HOUR
    bench.send(line(at=NOON - HOUR))
    reformer.step()
    assert len(bench.markers()) == 2
    assert [record.timestamp for record in bench.records()] == [NOON] * 4


def test_closing_leaves_nothing_waiting(bench: Bench) -> None:
    reformer = bench.reformer()
    bench.send(line())
    reformer.step()
    bench.send(line(at=NOON - 1))
    reformer.step()
    reformer.close()
    assert [marker.late_events for marker in bench.markers()] == [0, 1]


def test_many_late_events_plan_a_handover(bench: Bench) -> None:
    bench.settings = ReformerSettings(handover_late_events=2)
    reformer = bench.reformer()
    bench.send(line())
    reformer.step()
    bench.now += HOUR
    bench.send(line(at=NOON - 1), line(at=NOON - 2))
    reformer.step()
    assert [marker.plan for marker in bench.markers()] == ["inline", "handover"]


def test_epochs_go_on_after_a_restart_and_waiting_events_are_remembered(bench: Bench) -> None:
    first = bench.reformer()
    bench.send(line())
    first.step()
    bench.send(line(at=NOON - 1))
    first.step()
    bench.now += 1000
    assert not bench.reformer().step()
    assert [(marker.epoch, marker.late_events) for marker in bench.markers()] == [(1, 0), (2, 1)]


def test_the_clock_is_written_while_nothing_comes_but_not_more_often(bench: Bench) -> None:
    reformer = bench.reformer()
    for _ in range(5):
        assert not reformer.step()
        bench.now += 400
    assert bench.kinds() == ["clock", "clock"]
    assert [record.timestamp for record in bench.records()] == [NOON, NOON + 1200]


def test_while_behind_the_clock_is_that_of_the_newest_event_read(bench: Bench) -> None:
    bench.settings = ReformerSettings(batch_size=1)
    bench.send(line())
    bench.send(line(at=NOON + 1))
    bench.now += HOUR
    reformer = bench.reformer()
    reformer.step()
    assert bench.records()[0].timestamp == NOON
    reformer.step()
    assert bench.records()[-1].timestamp == NOON + HOUR


def test_few_events_wait_for_company_and_many_do_not(bench: Bench) -> None:
    bench.settings = ReformerSettings(processing_interval=50, batch_size=3)
    reformer = bench.reformer()
    bench.send(line())
    assert reformer.step()
    bench.send(line(at=NOON + 1))
    assert not reformer.step()
    bench.now += 50
    assert reformer.step()
    bench.send(*(line(at=NOON + n) for n in (2, 3, 4)))
    assert reformer.step()


def test_a_batch_keeps_to_its_size(bench: Bench) -> None:
    bench.settings = ReformerSettings(batch_size=2)
    for n in range(4):
        bench.send(line(at=NOON + n))
    reformer = bench.reformer()
    assert [reformer.step() for _ in range(3)] == [True, True, False]
    assert [record.events for record in bench.records() if record.headers["kind"] == "events"] == [2, 2]


def test_events_of_all_sources_end_in_one_batch(bench: Bench) -> None:
    bench.send(line("a"))
    bench.send(line("b"), source=Source.DIRECT)
    bench.send(line("a", at=NOON - 1), source=Source.REPLAY)
    bench.reformer().step()
    assert [(row["device_id"], row["arrival"]) for row in bench.rows()] == [("a", 2), ("a", 0), ("b", 1)]


def test_a_stranger_is_refused_only_where_no_door_has_looked(bench: Bench) -> None:
    bench.send(line("stranger"), line("a"), source=Source.DIRECT)
    bench.send(line("stranger", at=NOON + 1))
    bench.reformer().step()
    assert [row["device_id"] for row in bench.rows()] == ["a", "stranger"]
    assert bench.fates() == {"unknown_device": 1}
    letter = bench.letters[0]
    assert (letter.reason, letter.device_id, letter.raw) == (Fate.UNKNOWN_DEVICE, "stranger", line("stranger"))


def test_future_and_too_old_events_are_signs_of_life_and_letters(bench: Bench) -> None:
    bench.send(line(at=NOON + 300_001), line(at=NOON + 300_000), line(at=0))
    reformer = bench.reformer()
    reformer.step()
    assert sorted((row["arrival"], row["aside"]) for row in bench.rows()) == [(0, "future"), (1, None), (2, "too_old")]
    assert {number: letter.reason for number, letter in bench.letters.items()} == {0: Fate.FUTURE, 2: Fate.TOO_OLD}
    assert bench.letters[0].detail == "observed 300.001 s after it was received"
    assert bench.letters[2].raw == line(at=0)
    assert bench.fates() == {}


def test_what_was_set_aside_moves_no_head(bench: Bench) -> None:
    reformer = bench.reformer()
    bench.send(line(at=NOON + 10 * HOUR), line(at=NOON))
    reformer.step()
    bench.now += HOUR
    bench.send(line(at=NOON + 1))
    reformer.step()
    assert len(bench.markers()) == 1


def test_a_bad_line_harms_no_neighbour(bench: Bench) -> None:
    bench.send(line(at=NOON - 1), b'{"device_id": "b", "event_type": "temp', b"\xff\xfe", line())
    bench.reformer().step()
    assert [row["arrival"] for row in bench.rows()] == [0, 3]
    assert bench.fates() == {"invalid": 2}
    assert bench.letters[1].detail.startswith("not_json: ")
    assert bench.letters[2].raw == b"\xff\xfe"


def test_records_that_are_garbage_become_letters_and_the_loop_goes_on(bench: Bench) -> None:
    garbage = [
        Entry(shard=0, value=b"\x00\x01", timestamp=NOON, events=1),
        Entry(shard=0, value=line(), timestamp=NOON, events=7, headers={"format": "ndjson", "source": "door"}),
        Entry(shard=0, value=line(), timestamp=NOON, events=1, headers={"format": "avro", "source": "door"}),
        Entry(shard=0, value=line(), timestamp=NOON, events=1, headers={"format": "ndjson", "source": "?"}),
        Entry(shard=0, value=b"", timestamp=NOON, events=1, headers={"format": "ndjson", "source": "door"}),
        Entry(shard=0, value=b"", timestamp=NOON, events=0, headers={"format": "ndjson", "source": "door"}),
    ]
    bench.log.append(Topic.RAW, garbage)
    bench.send(line())
    bench.reformer().step()
    assert [row["arrival"] for row in bench.rows()] == [11]
    assert bench.fates() == {"invalid": 11}
    assert [(letter.arrival, letter.events) for letter in bench.letters.values()] == [
        (0, 1),
        (1, 7),
        (8, 1),
        (9, 1),
        (10, 1),
    ]


def test_a_batch_of_nothing_but_garbage_is_accounted_for(bench: Bench) -> None:
    bench.send(b"x", b"y")
    assert bench.reformer().step()
    assert bench.kinds() == ["clock"]
    progress = read_progress(bench.records()[0])
    assert (progress.raw, progress.raw_events, progress.fates) == (1, 2, {"invalid": 2})


def flood() -> float | None:
    return REGISTRY.get_sample_value("iot_dead_letter_flood", {"shard": "0"})


def test_a_flood_of_letters_is_told_and_ends(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.settings = dataclasses.replace(bench.settings, dead_letter_flood_per_minute=2)
    reformer = bench.reformer()
    bench.send(b"x", b"y", b"z")
    reformer.step()
    (said,) = caplog.records
    assert said.levelname == "ERROR"
    assert "dead letters come in a flood" in said.getMessage()
    assert flood() == 1
    bench.now += 60_000
    reformer.step()
    assert flood() == 0


def test_the_older_of_two_reformers_stops(tmp_path: Path) -> None:
    bench = Bench(SqliteLog(tmp_path))
    old = bench.reformer()
    bench.send(line())
    old.step()
    new = bench.reformer(log=SqliteLog(tmp_path))
    new.step()
    bench.send(line(at=NOON + 1))
    with pytest.raises(Fenced):
        old.step()
    assert new.step()
    assert [row["arrival"] for row in bench.rows()] == [0, 1]


def test_the_exact_reader_takes_over_where_the_quick_one_fails(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **how: object) -> None:
        raise IndexError("a bug")

    monkeypatch.setattr("events.decoding.quick.read", fail)
    bench.send(*(line(at=NOON + n) for n in range(40)), b"garbage")
    bench.reformer().step()
    assert (len(bench.rows()), bench.fates()) == (40, {"invalid": 1})
