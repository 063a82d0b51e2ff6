"""A store that rests leaves little to replay for whoever opens it next."""

from pathlib import Path

import pytest

from views_engine.calculator.store import Store

LONG = 100_000


@pytest.fixture(autouse=True)
def not_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views_engine.calculator.store.REST_BYTES", LONG)


def fill(store: Store, rows: int) -> None:
    for number in range(0, rows, 1000):
        with store.transaction() as db:
            db.execute(f"INSERT INTO fates SELECT md5(range::VARCHAR), 1 FROM range({number}, {number + 1000})")


def test_a_long_write_ahead_log_is_shortened_while_there_is_nothing_to_do(tmp_path: Path) -> None:
    store, wal = Store.open(tmp_path / "views.duckdb"), tmp_path / "views.duckdb.wal"
    fill(store, 5_000)
    assert wal.stat().st_size > LONG
    store.rest()
    assert not wal.exists() or wal.stat().st_size < LONG
    store.close()


def test_a_short_one_is_left_alone(tmp_path: Path) -> None:
    store, wal = Store.open(tmp_path / "views.duckdb"), tmp_path / "views.duckdb.wal"
    fill(store, 1)
    before = wal.stat().st_size
    store.rest()
    assert wal.stat().st_size == before
    store.close()


def test_a_reader_in_mid_answer_is_not_disturbed(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "views.duckdb")
    fill(store, 5_000)
    reader = store.reader()
    reader.execute("BEGIN")
    (before,) = reader.execute("SELECT count(*) FROM fates").fetchall()
    store.rest()
    assert reader.execute("SELECT count(*) FROM fates").fetchall() == [before]
    store.close()


def test_a_store_in_memory_has_none() -> None:
    Store.open(":memory:").rest()
