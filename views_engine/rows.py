"""Rows of a view store in bulk.

No INSERT here is ever one of no rows. After such a one, DuckDB (seen in 1.4 to 2.0) shows nothing of what a large
INSERT of the same transaction adds to that table, until the file is opened anew: docs/decisions/0025.
"""

from collections.abc import Sequence

import duckdb


def make_rows(db: duckdb.DuckDBPyConnection, name: str, query: str) -> int:
    """Makes temporary table `name` of a query, in place of the one before; returns how many rows it has."""
    ((made,),) = db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}").fetchall()
    return int(made)


def add_rows(db: duckdb.DuckDBPyConnection, table: str, query: str) -> None:
    """Adds the rows of a query, if it has any."""
    if make_rows(db, f"{table}_anew", query):
        db.execute(f"INSERT INTO {table} FROM {table}_anew")


def replace_rows(db: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str], query: str) -> None:
    """Puts the rows of a query, which has one for each key, in the place of those that have the same keys.

    An UPDATE would do the same, but takes seconds for some ten thousand rows where this takes milliseconds.
    """
    anew = f"{table}_anew"
    if not make_rows(db, anew, query):
        return
    same = " AND ".join(f"{table}.{key} = {anew}.{key}" for key in keys)
    db.execute(f"DELETE FROM {table} USING {anew} WHERE {same}")
    db.execute(f"INSERT INTO {table} FROM {anew}")
