from pathlib import Path

import pyarrow.parquet as pq
import pytest
from obstore.store import MemoryStore, ObjectStore

from events.log.base import Log, LogUnavailable, Record, Topic
from events.log.memory import MemoryLog
from events.log.sqlite import SqliteLog
from events.models import Segment
from events.records import EVENTS, read_batch
from events.segments import Damaged, History, SegmentFile, open_store, trim, write_file, write_segments
from events.segments.writing import covered, covering
from events.tests.reforming import NOON, Bench, Outbox, line

DAY = 86_400_000


def fill(log: Log) -> list[Record]:
    """An ordered log with batches, markers, clocks and a decision."""
    bench = Bench(log)
    reformer = bench.reformer(controls=Outbox(1))
    for n in range(6):
        bench.now += 1000
        bench.send(line("b", at=NOON + n), line("a", at=NOON - n, seq=n), line("c", at=NOON + 10**9), b"garbage")
        reformer.step()
        bench.now += 1000
        reformer.step()
    return bench.records()


def history(log: Log, store: ObjectStore) -> History:
    return History(log, lambda: store, covering)


def everything(source: Log | History, *, max_records: int = 3, max_events: int = 5) -> list[Record]:
    records: list[Record] = []
    while found := source.read(Topic.ORDERED, 0, len(records), max_records=max_records, max_events=max_events):
        records += found
    return records


def test_a_file_gives_back_exactly_the_records_it_was_made_of(tmp_path: Path) -> None:
    records = fill(MemoryLog())
    assert {record.headers["kind"] for record in records} == {"events", "marker", "clock", "control"}
    write_file(tmp_path / "segment.parquet", records)
    file = SegmentFile((tmp_path / "segment.parquet").read_bytes(), "segment")
    assert file.read(0, max_records=1000, max_events=1000) == records
    assert file.read(4, max_records=2, max_events=1000) == records[4:6]
    assert len(file.read(0, max_records=1000, max_events=4)) == 4


def test_a_large_batch_spans_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.segments.files.ROW_GROUP", 4)
    records = fill(MemoryLog())
    write_file(tmp_path / "segment.parquet", records)
    file = SegmentFile((tmp_path / "segment.parquet").read_bytes(), "segment")
    assert pq.read_metadata(tmp_path / "segment.parquet").num_row_groups > 2
    assert file.read(0, max_records=1000, max_events=1000) == records


def test_any_reader_of_parquet_finds_the_rows(tmp_path: Path) -> None:
    records = fill(MemoryLog())
    write_file(tmp_path / "segment.parquet", records)
    table = pq.read_table(tmp_path / "segment.parquet")
    assert table.column_names == [*EVENTS.names, "position"]
    batches = [record for record in records if record.headers["kind"] == "events"]
    assert table.num_rows == sum(read_batch(record).num_rows for record in batches) == 18


@pytest.mark.django_db
def test_segments_are_cut_only_when_full() -> None:
    log, store = MemoryLog(), MemoryStore()
    records = fill(log)
    assert write_segments(log, 0, store=store, segment_events=19) == []
    written = write_segments(log, 0, store=store, segment_events=7)
    assert [(segment.first_position, segment.events) for segment in written] == [
        (0, 9),
        (written[0].last_position + 1, 9),
    ]
    assert covered(0) == written[-1].last_position + 1 <= len(records)
    assert write_segments(log, 0, store=store, segment_events=7) == []


@pytest.mark.django_db
def test_many_records_with_few_events_fill_a_segment_too() -> None:
    log, store = MemoryLog(), MemoryStore()
    records = fill(log)
    written = write_segments(log, 0, store=store, segment_events=10**6, max_records=5)
    assert [segment.last_position - segment.first_position + 1 for segment in written] == [5] * (len(records) // 5)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_what_the_log_has_forgotten_comes_from_the_segments(tmp_path: Path, kind: str) -> None:
    log: Log = MemoryLog() if kind == "memory" else SqliteLog(tmp_path / "log")
    store = open_store(f"file://{tmp_path / 'objects'}")
    records = fill(log)
    write_segments(log, 0, store=store, segment_events=7)
    for before in (0, 1, 3, covered(0)):
        log.trim(Topic.ORDERED, 0, before)
        assert everything(history(log, store)) == records
    assert history(log, store).oldest(Topic.ORDERED, 0).position == 0
    assert history(log, store).head(Topic.ORDERED, 0) == log.head(Topic.ORDERED, 0)


@pytest.mark.django_db
def test_what_neither_has_is_said() -> None:
    log = MemoryLog()
    fill(log)
    log.trim(Topic.ORDERED, 0, 3)
    with pytest.raises(LogUnavailable, match="position 0 of shard 0 is neither in the log nor in a segment"):
        everything(history(log, MemoryStore()))


@pytest.mark.django_db
def test_a_damaged_segment_is_named(tmp_path: Path) -> None:
    log, store = MemoryLog(), open_store(f"file://{tmp_path}")
    fill(log)
    (segment, *_) = write_segments(log, 0, store=store, segment_events=7)
    log.trim(Topic.ORDERED, 0, 5)
    path = tmp_path / segment.path
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(Damaged, match=f"segment {segment.path} is damaged: its SHA-256"):
        everything(history(log, store))
    path.unlink()
    with pytest.raises(Damaged, match="is gone"):
        everything(history(log, store))


def test_what_is_no_segment_is_named(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="segment x cannot be read"):
        SegmentFile(b"PAR1 or something else", "x")


@pytest.mark.django_db
def test_of_two_writers_one_gives_way() -> None:
    log, store = MemoryLog(), MemoryStore()
    fill(log)
    kept = write_segments(log, 0, store=store, segment_events=7)

    class Late(MemoryLog):
        """Sees the segments only once the other has written them."""

        def read(self, topic: Topic, shard: int, position: int, **limits: int) -> list[Record]:
            Segment.objects.bulk_create(kept, ignore_conflicts=True)
            return log.read(topic, shard, position, **limits)

    late = Late()
    late._memory = log._memory
    Segment.objects.all().delete()
    assert write_segments(late, 0, store=store, segment_events=7) == []
    assert Segment.objects.count() == 2


def old_and_new(log: Log) -> None:
    """Two days of raw records, and an ordered log that accounts for them."""
    bench = Bench(log)
    reformer = bench.reformer()
    for day in range(3):
        bench.now = NOON + day * DAY
        bench.send(line(at=bench.now))
        reformer.step()


def left(log: Log) -> dict[Topic, int]:
    return {topic: log.head(topic, 0).position - log.oldest(topic, 0).position for topic in Topic}


@pytest.mark.django_db
def test_logs_are_trimmed_as_far_as_segments_hold_them() -> None:
    log, store, now = MemoryLog(), MemoryStore(), NOON + 3 * DAY
    old_and_new(log)
    before = left(log)
    trim(log, 0, covered=covered(0), keep_days=0.5, now=now)
    assert left(log) == before
    write_segments(log, 0, store=store, segment_events=2)
    trim(log, 0, covered=covered(0), keep_days=0, now=now)
    assert left(log) == before
    assert trim(log, 0, covered=covered(0), keep_days=0.5, now=now) == {Topic.RAW: 2, Topic.ORDERED: covered(0)}
    assert left(log)[Topic.RAW] == 1
    assert trim(log, 0, covered=covered(0), keep_days=0.5, now=now) == {Topic.RAW: 0, Topic.ORDERED: 0}


@pytest.mark.django_db
def test_what_is_young_is_kept() -> None:
    log, store = MemoryLog(), MemoryStore()
    old_and_new(log)
    write_segments(log, 0, store=store, segment_events=1)
    trim(log, 0, covered=covered(0), keep_days=1.5, now=NOON + 2 * DAY)
    assert [record.timestamp for record in log.read(Topic.RAW, 0, 0)] == [NOON + DAY, NOON + 2 * DAY]


@pytest.mark.django_db
def test_a_reformer_goes_on_after_trimming() -> None:
    log, store = MemoryLog(), MemoryStore()
    old_and_new(log)
    write_segments(log, 0, store=store, segment_events=1)
    trim(log, 0, covered=covered(0), keep_days=0.1, now=NOON + 9 * DAY)
    bench = Bench(log, now=NOON + 9 * DAY)
    bench.send(line(at=bench.now))
    assert bench.reformer().step()
    assert [row["arrival"] for row in bench.rows()] == [3]
