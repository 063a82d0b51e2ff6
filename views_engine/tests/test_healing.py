"""A view store is a cache: what cannot serve is set aside, and a snapshot or the log stands in its place."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import OperationalError
from django.utils import timezone

from events.log.base import Topic
from events.segments import History as Replay
from views_engine import storage
from views_engine.calculator.damage import Damage, StoreDamaged, means_damage
from views_engine.calculator.files import KEPT_ASIDE, mark_of
from views_engine.calculator.healing import Healer
from views_engine.calculator.store import StoreUnusable
from views_engine.calculator.worker import Calculator
from views_engine.models import SnapshotRecord
from views_engine.snapshots.choosing import candidates
from views_engine.snapshots.taking import keep
from views_engine.tests.histories import History, event
from views_engine.verify.digest import digests

HEADER, BLOCKS = slice(0, 4096), slice(12_288, 270_000)
HOLD = "import sys, duckdb; db = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"

pytestmark = pytest.mark.django_db


@pytest.fixture
def objects(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """An empty object storage of this test alone."""
    settings.STORAGE_URL = f"file://{tmp_path / 'objects'}"
    storage.get_store.cache_clear()
    yield tmp_path / "objects"
    storage.get_store.cache_clear()


class Bench:
    """A calculator whose store is a file, the log it reads, and the snapshots it left behind."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "clock" / "calculator-0.duckdb"
        self.history = History()
        self.replay = Replay(self.history.log, storage.get_store, lambda shard, position: None)

    def open(self) -> Calculator:
        """A calculator on its store, healed where need be; it has not taken a step yet."""
        healer = Healer(self.path, shard=0, history=self.replay, memory_limit_mb=256, threads=1)
        return Calculator(log=self.replay, shard=0, store=healer.open())

    def run(self) -> dict[str, str]:
        """Takes in all there is and ends properly; the digests of its views."""
        calculator = self.open()
        while calculator.step():
            continue
        found = digests(calculator.store.connection)
        calculator.store.connection.execute("CHECKPOINT")
        calculator.close()
        return found

    def snapshot(self) -> SnapshotRecord:
        record = keep(0, self.path, timezone.now())
        assert record
        return record

    def began_at(self) -> int:
        """Where a calculator that is opened now begins to read."""
        calculator = self.open()
        position = calculator.store.standing.position
        calculator.close()
        return position

    def aside(self) -> list[str]:
        return [path.name for path in self.path.parent.glob("*.broken-*[0-9]")]


@pytest.fixture
def bench(tmp_path: Path, objects: Path) -> Bench:
    """Ten batches and two epochs; a snapshot after each half."""
    bench = Bench(tmp_path)
    for half in range(2):
        for number in range(5):
            at = half * 50 + number * 10
            bench.history.batch(*(event(at + n, value=n, device=f"d-{n % 3}") for n in range(10)))
        bench.history.batch(event(half - 100, value=half)).marker()
        bench.run()
        bench.snapshot()
    return bench


def flip(path: Path, part: slice) -> None:
    content = bytearray(path.read_bytes())
    content[part] = bytes(byte ^ 0xFF for byte in content[part])
    path.write_bytes(content)


def shorten(path: Path, size: int) -> None:
    with path.open("ab") as file:
        file.truncate(size)


def other_schema(path: Path) -> None:
    with duckdb.connect(str(path)) as db:
        db.execute("UPDATE standing SET schema_version = 1")


def without_standing(path: Path) -> None:
    with duckdb.connect(str(path)) as db:
        db.execute("DELETE FROM standing")


def missing(path: Path) -> None:
    path.unlink()


def ahead(path: Path) -> None:
    with duckdb.connect(str(path)) as db:
        db.execute("UPDATE standing SET position = 1000")


def of_another_log(path: Path) -> None:
    with duckdb.connect(str(path)) as db:
        db.execute("UPDATE standing SET ordered_events = ordered_events + 1")


HARM: dict[str, Callable[[Path], None]] = {
    "missing": missing,
    "empty": lambda path: shorten(path, 0),
    "truncated": lambda path: shorten(path, 300_000),
    "header": lambda path: flip(path, HEADER),
    "blocks": lambda path: flip(path, BLOCKS),
    "another schema": other_schema,
    "no standing": without_standing,
    "ahead of the log": ahead,
    "of another log": of_another_log,
    "marked": lambda path: shorten(mark_of(path), 0),
}


@pytest.mark.parametrize("harm", HARM)
def test_whatever_happened_to_the_store_the_newest_snapshot_takes_its_place(bench: Bench, harm: str) -> None:
    whole = bench.run()
    bench.history.batch(event(200, value=1))
    HARM[harm](bench.path)
    newest = candidates(0)[0].position
    assert bench.began_at() == newest
    assert len(bench.aside()) == (harm != "missing")
    assert bench.run() != whole
    assert bench.run() == _from_nothing(bench)


def _from_nothing(bench: Bench) -> dict[str, str]:
    bench.path.unlink()
    SnapshotRecord.objects.all().delete()
    return bench.run()


def test_a_good_store_is_left_alone(bench: Bench) -> None:
    bench.history.batch(event(200, value=1))
    bench.run()
    assert bench.began_at() == bench.history.log.head(Topic.ORDERED, 0).position
    assert bench.aside() == []


def test_so_many_damaged_stores_are_kept(bench: Bench) -> None:
    for _ in range(KEPT_ASIDE + 2):
        flip(bench.path, HEADER)
        bench.run()
    assert len(bench.aside()) == KEPT_ASIDE


@pytest.mark.parametrize("part", [slice(0, 1), slice(5_000, 5_001), slice(-1, None)], ids=["first", "inside", "last"])
def test_a_bad_snapshot_is_noticed_and_the_one_before_it_used(bench: Bench, objects: Path, part: slice) -> None:
    newest, before = candidates(0)
    flip(objects / newest.path, part)
    missing(bench.path)
    assert bench.began_at() == before.position
    assert "SHA-256" in SnapshotRecord.objects.get(path=newest.path).bad
    assert candidates(0) == [before]


def test_a_snapshot_that_is_gone_is_bad(bench: Bench, objects: Path) -> None:
    newest, before = candidates(0)
    (objects / newest.path).unlink()
    missing(bench.path)
    assert bench.began_at() == before.position
    assert candidates(0) == [before]


def test_a_snapshot_of_another_log_is_not_stood_upon(bench: Bench) -> None:
    bench.history = History()
    bench.history.batch(event(1, value=1))
    bench.replay = Replay(bench.history.log, storage.get_store, lambda shard, position: None)
    assert bench.began_at() == 0
    assert len(bench.aside()) == 1
    assert candidates(0) == []


def test_without_a_storage_the_log_is_replayed(bench: Bench, objects: Path) -> None:
    whole = bench.run()
    objects.rename(objects.with_name("elsewhere"))
    objects.write_text("nobody is here")
    missing(bench.path)
    assert bench.began_at() == 0
    assert bench.run() == whole
    assert not SnapshotRecord.objects.exclude(bad="").exists()


def test_an_empty_storage_makes_no_snapshot_bad(bench: Bench, objects: Path) -> None:
    objects.rename(objects.with_name("elsewhere"))
    missing(bench.path)
    assert bench.began_at() == 0
    assert len(candidates(0)) == 2


def test_without_a_database_the_storage_says_what_there_is(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = candidates(0)[0]

    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
    missing(bench.path)
    assert bench.began_at() == newest.position


def test_a_new_calculator_begins_with_the_newest_snapshot(bench: Bench) -> None:
    bench.path = bench.path.with_name("calculator-0b.duckdb")
    assert bench.began_at() == candidates(0)[0].position


def test_no_snapshot_serves_that_the_log_has_forgotten_what_follows(bench: Bench) -> None:
    newest, before = candidates(0)
    bench.history.log.trim(Topic.ORDERED, 0, before.position + 1)
    SnapshotRecord.objects.filter(path=newest.path).update(bad="made up")
    missing(bench.path)
    assert bench.began_at() == 0
    assert candidates(0) == [before]


def test_a_store_that_another_process_holds_is_left_alone(bench: Bench) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(bench.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreUnusable, match="Could not set lock"):
            bench.open()
        holder.communicate()
    assert bench.aside() == []


def test_damage_inside_a_block_ends_the_calculator_and_the_next_start_heals(bench: Bench) -> None:
    with duckdb.connect(str(bench.path)) as db:
        db.execute("CREATE TABLE ballast AS SELECT range AS n, md5(range::VARCHAR) AS text FROM range(200000)")
    size = bench.path.stat().st_size
    flip(bench.path, slice(size - 600_000, size - 300_000))
    calculator, damage = bench.open(), Damage(bench.path)
    with pytest.raises(StoreDamaged), damage.watching():
        calculator.store.connection.execute("SELECT sum(n), max(text) FROM ballast").fetchall()
    calculator.close()
    assert bench.began_at() == candidates(0)[0].position
    assert not mark_of(bench.path).exists()


@pytest.mark.parametrize(
    ("error", "damaged"),
    [
        (duckdb.Error("Corrupt database file: computed checksum 1 does not match stored checksum 2"), True),
        (duckdb.IOException("IO Error: Could not read enough bytes from file"), True),
        (duckdb.InternalException("INTERNAL Error: out of range"), True),
        (duckdb.FatalException("FATAL Error: database has been invalidated because of a previous fatal error"), True),
        (duckdb.IOException('IO Error: Could not write file "x": No space left on device'), False),
        (duckdb.FatalException("Failed to create checkpoint because of error: Could not write file: File too"), False),
        (duckdb.TransactionException("Failed to commit: Could not write file: Disk quota exceeded"), False),
        (duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block"), False),
        (duckdb.BinderException("Referenced column not found"), False),
        (ValueError("Corrupt"), False),
    ],
)
def test_what_means_damage(error: Exception, damaged: bool) -> None:
    assert means_damage(error) is damaged
