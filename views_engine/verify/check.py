"""Verifies one shard: folds its raw log up to where its views stand, and compares."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

from events.log.base import Log, Topic
from views_engine.calculator.store import read_standing
from views_engine.verify.alerts import Decisions
from views_engine.verify.compare import Difference, differences
from views_engine.verify.fold import Fold
from views_engine.verify.reading import Facts

Progress = Callable[[int], object]
"""Is told of every so many events done; each event is done twice, folded and compared."""


class Incomplete(Exception):
    """The raw log no longer holds all that the views were made of; the message says what is gone."""


@contextmanager
def unhindered() -> Iterator[None]:
    """Millions of small objects and no cycles among them: looking for cycles would take longer than the work."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def check(
    *,
    log: Log,
    shard: int,
    store: duckdb.DuckDBPyConnection,
    facts: Facts,
    progress: Progress,
    said: Callable[[int], Decisions | None] = lambda number: None,
) -> Iterator[Difference]:
    """Every difference between the views in `store` and the fold of the raw log they stand for.

    `said` tells what people decided up to a number; where it does not know, the store is asked.
    """
    standing = read_standing(store)
    fold = folded(log, shard, standing.raw, facts, progress)
    return differences(store, fold, progress, said(standing.controls))


def folded(log: Log, shard: int, until: int, facts: Facts, progress: Progress) -> Fold:
    """The fold of the raw records before position `until`; raises `Incomplete`."""
    oldest = log.oldest(Topic.RAW, shard)
    if oldest.position > 0:
        raise Incomplete(
            f"the raw log of shard {shard} begins at position {oldest.position}, {oldest.events} events after its"
            " start: what was trimmed away (log.keep_days) cannot be verified any more"
        )
    fold, position = Fold(facts), 0
    while position < until:
        for record in log.read(Topic.RAW, shard, position):
            if record.position >= until:
                return fold
            fold.take(record)
            position = record.position + 1
            progress(record.events)
    return fold
