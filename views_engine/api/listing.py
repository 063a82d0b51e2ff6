"""A list of the API: the question behind it, one page of its answer, or all of it as a stream."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pyarrow as pa

from views_engine.reading import Reader, ShardAnswer, Version
from views_engine.reading.merging import Order, merge_rows

Present = Callable[[pa.Table], pa.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One door query as a list: its columns, its order, its cursor, and how its rows are shown.

    `order` is what shards are merged by, `key` the sort key that the query's `after` takes.
    """

    query: str
    schema: pa.Schema
    order: Order
    key: tuple[str, ...]
    present: Present


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A question to a shape. `beside` are queries by name, answered from the same moment; `head` goes before the
    results; `shards` are all that is asked, where the question itself does not tell."""

    shape: Shape
    params: Mapping[str, Any]
    head: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shards: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows as shown, the rows of the queries beside, where the next page begins (None: nowhere)."""

    rows: pa.Table
    beside: Mapping[str, list[dict[str, Any]]]
    after: dict[int, list[Any]] | None
    version: Version


def read_page(
    reader: Reader, listing: Listing, *, after: Mapping[int, Sequence[Any]], limit: int, at_least: Version | None
) -> Page:
    """At most `limit` rows behind `after`, equal to the set of events that the page's version names."""
    shape = listing.shape
    params = {**listing.params, "after": after, "limit": limit + 1}
    queries = [(shape.query, params), *listing.beside.items()]
    answers, *beside = reader.together(queries, at_least=at_least, shards=listing.shards)
    merged = list(islice(merge_rows([answer.rows for answer in answers], shape.order), limit + 1))
    shown = merged[:limit]
    rows = [{**row, "shard": answers[part].shard} for part, row in shown]
    table = pa.Table.from_pylist(rows, schema=shape.schema)
    reached = {answers[part].shard: [row[name] for name in shape.key] for part, row in shown}
    return Page(
        shape.present(table),
        {name: _rows(found) for name, found in zip(listing.beside, beside, strict=True)},
        {**{shard: list(key) for shard, key in after.items()}, **reached} if len(merged) > limit else None,
        {answer.shard: answer.version for answer in answers},
    )


def _rows(answers: Iterable[ShardAnswer]) -> list[dict[str, Any]]:
    return [row for answer in answers for row in answer.rows]


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows as shown, piece by piece; `close` when not read to the end."""

    schema: pa.Schema
    tables: Iterator[pa.Table]
    version: Version
    close: Callable[[], None]


def read_all(reader: Reader, listing: Listing, *, at_least: Version | None) -> Rows:
    """Every row of the listing, holding one batch of each shard at a time."""
    shape = listing.shape
    stream = reader.stream(shape.query, listing.params, shape.order, at_least=at_least, shards=listing.shards)
    tables = (shape.present(pa.Table.from_batches([batch])) for batch in stream.batches)
    return Rows(shape.present(stream.schema.empty_table()).schema, tables, stream.version, stream.close)
