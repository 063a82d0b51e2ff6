"""What goes wrong with files and disks is said in words that name the file; nothing is half done."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from events.log.base import Entry, Head, LogUnavailable, Topic
from events.log.sqlite import SqliteLog

LARGE = Entry(shard=0, value=b"x" * 200_000, timestamp=0)
SMALL = Entry(shard=0, value=b"x", timestamp=0)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A log that holds one record and is closed."""
    log = SqliteLog(tmp_path)
    log.append(Topic.RAW, [SMALL])
    log.close()
    return tmp_path


@pytest.fixture
def pragma() -> Iterator[list[str]]:
    """Statements that every new connection runs first: a real SQLite in a bad situation."""
    statements: list[str] = []

    def hook(connection: apsw.Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    apsw.connection_hooks.append(hook)
    yield statements
    apsw.connection_hooks.remove(hook)


def test_a_full_disk_is_named_and_nothing_of_the_call_is_kept(directory: Path, pragma: list[str]) -> None:
    pragma.append("PRAGMA max_page_count = 20")
    log = SqliteLog(directory)
    with pytest.raises(LogUnavailable, match=r"raw\.sqlite3: the disk is full; free"):
        log.append(Topic.RAW, [SMALL, LARGE])
    assert log.head(Topic.RAW, 0) == Head(1, 1)
    log.append(Topic.RAW, [SMALL])
    assert log.head(Topic.RAW, 0) == Head(2, 2)


def test_a_read_only_file_is_named(directory: Path, pragma: list[str]) -> None:
    pragma.append("PRAGMA query_only = 1")
    log = SqliteLog(directory)
    with pytest.raises(LogUnavailable, match=r"raw\.sqlite3: the file is read-only"):
        log.append(Topic.RAW, [SMALL])
    assert len(log.read(Topic.RAW, 0, 0)) == 1


def test_a_file_that_another_holds_is_named_and_can_still_be_read(directory: Path) -> None:
    holder = apsw.Connection(str(directory / "raw.sqlite3"))
    holder.execute("BEGIN IMMEDIATE")
    log = SqliteLog(directory, busy_timeout_s=0.05)
    with pytest.raises(LogUnavailable, match=r"raw\.sqlite3: another process has kept it locked"):
        log.append(Topic.RAW, [SMALL])
    assert len(log.read(Topic.RAW, 0, 0)) == 1
    holder.execute("ROLLBACK")
    log.append(Topic.RAW, [SMALL])
    assert log.head(Topic.RAW, 0) == Head(2, 2)


def test_a_damaged_file_is_named(directory: Path) -> None:
    (directory / "raw.sqlite3").write_bytes(b"not a database, whatever it was" * 1000)
    with pytest.raises(LogUnavailable, match=r"raw\.sqlite3: the file is damaged .*backup"):
        SqliteLog(directory).head(Topic.RAW, 0)


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw.sqlite3").mkdir()
    with pytest.raises(LogUnavailable, match=r"raw\.sqlite3: the file cannot be opened"):
        SqliteLog(tmp_path).append(Topic.RAW, [SMALL])


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")
    with pytest.raises(LogUnavailable, match=r"log/raw\.sqlite3: .* may write there"):
        SqliteLog(tmp_path / "log").append(Topic.RAW, [SMALL])


def test_another_number_of_shards_is_refused(directory: Path) -> None:
    with pytest.raises(LogUnavailable, match=r"made with 1 shards, not 2; set log\.shards to 1"):
        SqliteLog(directory, shards=2).head(Topic.RAW, 0)


def test_a_closed_log_opens_again_on_use(directory: Path) -> None:
    log = SqliteLog(directory)
    log.append(Topic.RAW, [SMALL])
    log.close()
    assert log.head(Topic.RAW, 0) == Head(2, 2)


def test_a_commit_is_on_the_disk(directory: Path) -> None:
    with SqliteLog(directory)._files[Topic.RAW].reading() as connection:
        assert connection.pragma("synchronous") == 2
        assert connection.pragma("journal_mode") == "wal"


def test_a_read_ends_before_it_fills_the_memory(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.log.sqlite.MAX_BYTES", 300_000)
    log = SqliteLog(directory)
    log.append(Topic.RAW, [LARGE, LARGE, LARGE])
    assert [record.position for record in log.read(Topic.RAW, 0, 0)] == [0, 1]
    assert [record.position for record in log.read(Topic.RAW, 0, 2)] == [2]
