"""Where the mirror's intervals come from: a view store, read at one standing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import duckdb

from views_engine.alerts.matching import Interval
from views_engine.alerts.revising import Cause, Moment
from views_engine.alerts.writing import Found, Pair
from views_engine.api.times import iso
from views_engine.calculator.alert_intervals import Wanted, intervals, touched
from views_engine.calculator.mirrored import At
from views_engine.calculator.store import Store, read_standing
from views_engine.rules import interval as view

Tails = Mapping[Pair, Sequence[Interval]]
"""By rule and device, what stands by the log's clock alone: no event touches it when it begins or ends."""

_CAUSES = """
SELECT event_type::BIGINT, device_id, start, cause, epoch FROM corrections
WHERE view = 'alerts' AND epoch > ? AND try_cast(event_type AS BIGINT) IS NOT NULL ORDER BY id
"""

_LATE = """
SELECT device_id, arg_max(cause, cause.observed_at), arg_max(epoch, cause.observed_at)
FROM corrections WHERE epoch > ?
AND device_id IN (SELECT unnest(?::VARCHAR[])) GROUP BY device_id
"""


class Source(Protocol):
    """Asked from the mirror's thread alone."""

    def has_moved(self, since: At) -> bool:
        """Whether the views stand anywhere else than there; cheap."""
        ...

    def found(self, since: At, tails: Tails, also: Collection[Pair]) -> tuple[Found, Tails]:
        """All intervals of every pair that may have changed since then, and of those in `also`, at one standing.

        `tails` is what stood by the clock alone when the mirror looked last; the answer has what does now.
        """
        ...


class StoreSource:
    """The views of a store, on a connection of its own."""

    def __init__(self, store: Store, shard: int) -> None:
        self._store, self._shard = store, shard
        self._db = store.reader()

    def has_moved(self, since: At) -> bool:
        standing = self._store.standing
        return since != At(standing.epoch, standing.position)

    def found(self, since: At, tails: Tails, also: Collection[Pair]) -> tuple[Found, Tails]:
        with _transaction(self._db):
            standing = read_standing(self._db)
            changed = touched(self._db, since.epoch, since.position)
            now = {pair: tuple(map(_said, own)) for pair, own in changed.by_clock.items()}
            drifted = {pair for pair in tails.keys() | now.keys() if tails.get(pair) != now.get(pair)}
            pairs = {pair: [_said(one) for one in own] for pair, own in changed.pairs.items()}
            pairs |= self._whole((drifted | set(also)) - pairs.keys())
            at = Moment(shard=self._shard, epoch=standing.epoch, position=standing.position, clock=standing.clock)
            late = self._late(since.epoch, drifted) if standing.epoch > since.epoch else {}
            causes = self._causes(since.epoch) if standing.epoch > since.epoch else {}
        return Found(at=at, pairs=pairs, causes=causes, late=late), now

    def _whole(self, pairs: Collection[Pair]) -> dict[Pair, list[Interval]]:
        """All intervals of these pairs."""
        found: dict[Pair, list[Interval]] = {pair: [] for pair in pairs}
        wanted = Wanted(rules={rule for rule, _ in pairs}, device_ids={device_id for _, device_id in pairs})
        for one in intervals(self._db, wanted) if pairs else ():
            if (one.rule, one.device_id) in found:
                found[one.rule, one.device_id].append(_said(one))
        return found

    def _causes(self, epoch: int) -> dict[tuple[int, str, int], Cause]:
        """By rule, device and start of an interval: the late event that made it what it is; of several the newest."""
        rows = self._db.execute(_CAUSES, [epoch]).fetchall()
        return {(rule, device_id, start): _cause(cause, since) for rule, device_id, start, cause, since in rows}

    def _late(self, epoch: int, pairs: Iterable[Pair]) -> dict[Pair, Cause]:
        """The newest late event of each device: it is to blame for a silence that is none."""
        devices = sorted({device_id for _, device_id in pairs})
        rows = self._db.execute(_LATE, [epoch, devices]).fetchall() if devices else []
        causes = {device_id: _cause(cause, since) for device_id, cause, since in rows}
        return {pair: causes[pair[1]] for pair in pairs if pair[1] in causes}


@contextmanager
def _transaction(db: duckdb.DuckDBPyConnection) -> Any:
    """One moment of the store."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


def _said(one: view.Interval) -> Interval:
    return Interval(
        started_at=one.started_at,
        raised_at=one.raised_at,
        cleared_at=one.cleared_at,
        value=one.value,
        severity=one.severity,
        rule_name=one.rule_name,
    )


def _cause(cause: Mapping[str, Any], epoch: int) -> Cause:
    """As the API shows it, and the epoch that let it in: a round may come after several."""
    return {**cause, "observed_at": iso(cause["observed_at"]), "epoch": epoch}
