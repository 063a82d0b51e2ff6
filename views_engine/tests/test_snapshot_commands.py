"""`snapshot` and `restore` on the files of a stack that has stopped."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from commandline.base import Mistake
from events.log import get_log
from events.log.base import Topic
from views_engine import storage
from views_engine.calculator.files import store_path
from views_engine.calculator.process import configured
from views_engine.models import SnapshotRecord
from views_engine.tests.histories import History, event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stopped(tmp_path: Path, settings: Any) -> Iterator[History]:
    """A data directory in which a calculator has run and ended."""
    settings.DATA_DIR, settings.STORAGE_URL = tmp_path, f"file://{tmp_path / 'objects'}"
    log = settings.CONFIG.log.model_copy(update={"backend": "events.log.memory.MemoryLog"})
    settings.CONFIG = settings.CONFIG.model_copy(update={"log": log})
    get_log.cache_clear()
    storage.get_store.cache_clear()
    written = History()
    written.log = get_log()  # type: ignore[assignment]
    more(written)
    yield written
    get_log.cache_clear()
    storage.get_store.cache_clear()


def more(written: History) -> None:
    """Another batch, taken in by a calculator that ends then."""
    written.batch(*(event(written.arrivals + n, value=n) for n in range(5)))
    calculator = configured(shard=0, name="calculator-0")
    while calculator.step():
        continue
    calculator.close()


def said(*arguments: str) -> str:
    words = StringIO()
    call_command(*arguments, stdout=words)
    return words.getvalue()


def position() -> int:
    with duckdb.connect(str(store_path("calculator-0")), read_only=True) as db:
        ((found,),) = db.execute("SELECT position FROM standing").fetchall()
    return int(found)


def test_a_snapshot_is_taken_of_the_file(stopped: History) -> None:
    assert "position 1, 5 events" in said("snapshot")
    assert "already" in said("snapshot", "--shard", "0")


def test_the_newest_snapshot_is_restored(stopped: History) -> None:
    said("snapshot")
    more(stopped)
    assert position() == 2
    assert "calculator-0 now stands on snapshot" in said("restore")
    assert position() == 1
    assert len(list(store_path("x").parent.glob("*.broken-*"))) == 1


def test_an_older_one_is_restored_by_its_number(stopped: History) -> None:
    said("snapshot")
    first = SnapshotRecord.objects.get().pk
    more(stopped)
    said("snapshot")
    said("restore", "--snapshot", str(first), "--name", "calculator-0")
    assert position() == 1


def test_the_snapshots_are_listed_with_what_is_wrong(stopped: History) -> None:
    said("snapshot")
    SnapshotRecord.objects.update(bad="bitten by a mouse")
    assert "bad: bitten by a mouse" in said("restore", "--list")
    with pytest.raises(Mistake, match="is bad: bitten"):
        said("restore", "--snapshot", str(SnapshotRecord.objects.get().pk))
    with pytest.raises(Mistake, match="no good snapshot"):
        said("restore")


def test_a_damaged_snapshot_changes_nothing(stopped: History, tmp_path: Path) -> None:
    said("snapshot")
    more(stopped)
    (file,) = (tmp_path / "objects").rglob("*.duckdb")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(CommandError, match="No snapshot could be restored"):
        said("restore")
    assert position() == 2


@pytest.mark.parametrize("command", ["snapshot", "restore"])
def test_a_shard_that_there_is_not(command: str) -> None:
    with pytest.raises(Mistake, match="there is no shard 7"):
        said(command, "--shard", "7")


def test_nothing_to_copy(stopped: History) -> None:
    store_path("calculator-0").unlink()
    with pytest.raises(Mistake, match="No calculator of shard 0 runs"):
        said("snapshot")


def test_a_snapshot_that_there_is_not() -> None:
    with pytest.raises(Mistake, match="has no snapshot 99"):
        said("restore", "--snapshot", "99")
    assert get_log().head(Topic.ORDERED, 0).position == 1
