"""Rows in bulk."""

from pathlib import Path

import pytest

from views_engine.calculator.store import Store
from views_engine.rows import add_rows, make_rows, replace_rows

ROW_GROUP = 122_880
COUNTED = "SELECT sum(1) FROM numbers WHERE n >= 0"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.open(tmp_path / "views.duckdb", threads=2)
    store.connection.execute("CREATE TABLE numbers (n BIGINT)")
    return store


def test_as_many_as_the_query_has(store: Store) -> None:
    assert make_rows(store.connection, "few", "SELECT unnest([1, 2, 3]) AS n") == 3
    assert make_rows(store.connection, "few", "SELECT 1 AS n WHERE false") == 0


def test_rows_take_the_place_of_those_with_their_keys(store: Store) -> None:
    db = store.connection
    db.execute("CREATE TABLE sizes (name VARCHAR, size INTEGER)")
    replace_rows(db, "sizes", ("name",), "SELECT 'a' AS name, 1 AS size UNION ALL SELECT 'b', 2")
    replace_rows(db, "sizes", ("name",), "SELECT 'b' AS name, 3 AS size")
    replace_rows(db, "sizes", ("name",), "SELECT 'a' AS name, 4 AS size WHERE false")
    assert db.execute("FROM sizes ORDER BY name").fetchall() == [("a", 1), ("b", 3)]


@pytest.mark.parametrize("add", [add_rows, lambda db, table, query: replace_rows(db, table, ("n",), query)])
def test_many_rows_behind_none_are_seen(store: Store, add) -> None:  # type: ignore[no-untyped-def]
    """DuckDB loses sight of a row group that follows an INSERT of no rows: decision 0025."""
    db = store.connection
    db.execute(f"CREATE TEMP TABLE many AS SELECT range AS n FROM range({ROW_GROUP})")
    with store.transaction():
        add(db, "numbers", "SELECT n FROM many WHERE n < 0")
        add(db, "numbers", "SELECT n FROM many")
        assert db.execute(COUNTED).fetchall() == [(ROW_GROUP,)]
    assert db.execute(COUNTED).fetchall() == [(ROW_GROUP,)]
