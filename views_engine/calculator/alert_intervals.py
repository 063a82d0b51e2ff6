"""The view of alerts as a store holds it: rows that are put out, and what stands open by the log's clock.

A silence that goes on, and a run that a rule has stopped judging, are nobody's rows: they are found when one asks.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import duckdb
import msgspec

from views_engine.calculator.store import read_standing
from views_engine.folds.engine import ASIDE
from views_engine.folds.history import of_types
from views_engine.folds.roster import Member, active
from views_engine.rules.alert import standing
from views_engine.rules.interval import Interval
from views_engine.rules.run import RunUnit
from views_engine.rules.silence import SilenceUnit
from views_engine.rules.timeline import judged_until

PREFIX = "rule:"
Pair = tuple[int, str]
"""A rule and a device."""

Place = tuple[int, str, int]
"""`started_at`, device and rule: intervals are ordered by it and named by it."""


class Wanted(NamedTuple):
    """Which intervals are asked for. None: no such condition. An interval lies within `since` … `until` (ms, without
    the end) if it overlaps it; `after` is the place of the interval before the first one wanted.
    """

    rules: Collection[int] | None = None
    device_ids: Collection[str] | None = None
    since: int | None = None
    until: int | None = None
    is_open: bool | None = None
    after: Place | None = None
    limit: int | None = None

    def includes(self, one: Interval) -> bool:
        return (
            (self.rules is None or one.rule in self.rules)
            and (self.device_ids is None or one.device_id in self.device_ids)
            and (self.until is None or one.started_at < self.until)
            and (self.since is None or one.started_at >= self.since or _ends_after(one, self.since))
            and (self.is_open is None or (one.cleared_at is None) == self.is_open)
            and (self.after is None or place_of(one) > self.after)
        )


def place_of(one: Interval) -> Place:
    return one.started_at, one.device_id, one.rule


def intervals(db: duckdb.DuckDBPyConnection, wanted: Wanted) -> list[Interval]:
    """In their order; of intervals of a rule and device that start together only the last, see `rules.alert`."""
    found = {place_of(one): one for one in _stored(db, wanted)}
    found.update((place_of(one), one) for one in still_standing(db, wanted))
    ordered = [found[place] for place in sorted(found) if wanted.includes(found[place])]
    return ordered if wanted.limit is None else ordered[: wanted.limit]


def still_standing(db: duckdb.DuckDBPyConnection, wanted: Wanted, *, by_clock: bool = False) -> list[Interval]:
    """The alerts that no event has put out yet; with `by_clock` only those that begin or end by the clock alone."""
    clock = read_standing(db).clock
    members = _members(db, wanted)
    silent = [member for member in members.values() if isinstance(member.unit, SilenceUnit)]
    found = [one for member in silent for one in _tails(db, member, wanted, clock)]
    found += _cut_runs(db, members, wanted, clock) if by_clock else _runs(db, members, wanted, clock)
    return [one for one in found if wanted.includes(one)]


def _members(db: duckdb.DuckDBPyConnection, wanted: Wanted) -> dict[str, Member]:
    """The units of the rules asked for, by name."""
    return {
        name: member
        for name, member in active(db).members.items()
        if name.startswith(PREFIX) and (wanted.rules is None or int(name.removeprefix(PREFIX)) in wanted.rules)
    }


_LAST = """
SELECT device_id, max(key.observed_at) AS last FROM latest WHERE {types} AND {devices}
GROUP BY device_id HAVING last <= {quiet_since}
"""


def _tails(db: duckdb.DuckDBPyConnection, member: Member, wanted: Wanted, clock: int) -> Iterator[Interval]:
    unit = member.unit
    assert isinstance(unit, SilenceUnit)
    devices, arguments = _of_devices(wanted)
    sql = _LAST.format(types=of_types(unit.event_types), devices=devices, quiet_since=clock - unit.shortest_ms)
    for device_id, last in db.execute(sql, arguments).fetchall():
        if member.covers(device_id):
            yield from standing(unit, device_id, None, last, clock)


_OPEN = """
SELECT unit, device_id, since, state FROM fold_states
WHERE body IS NOT NULL AND unit IN (SELECT unnest(?::VARCHAR[])) AND {devices}
"""


def _runs(
    db: duckdb.DuckDBPyConnection, members: Mapping[str, Member], wanted: Wanted, clock: int, *, cut: bool = False
) -> Iterator[Interval]:
    """The runs that go on; with `cut` only those that have ended because the rule judges the device no longer."""
    devices, arguments = _of_devices(wanted)
    for name, device_id, since, held in db.execute(_OPEN.format(devices=devices), [[*members], *arguments]).fetchall():
        unit = members[name].unit
        if held == ASIDE or not isinstance(unit, RunUnit):
            continue
        if not cut or judged_until(unit.judged.segments(device_id), since) <= clock:
            yield from standing(unit, device_id, members[name].read(held), None, clock)


def _cut_runs(
    db: duckdb.DuckDBPyConnection, members: Mapping[str, Member], wanted: Wanted, clock: int
) -> Iterator[Interval]:
    ending = {
        name: member
        for name, member in members.items()
        if isinstance(member.unit, RunUnit) and not member.unit.judged.endless
    }
    return _runs(db, ending, wanted, clock, cut=True) if ending else iter(())


_STORED = """
SELECT body FROM fold_outputs WHERE {where}
QUALIFY row_number() OVER (PARTITION BY unit, device_id, since ORDER BY key DESC, n DESC) = 1
ORDER BY since, device_id, unit[{rule_at}:]::BIGINT {limit}
"""


def _stored(db: duckdb.DuckDBPyConnection, wanted: Wanted) -> Iterator[Interval]:
    if wanted.is_open:
        return
    names = [*_members(db, wanted)]
    devices, arguments = _of_devices(wanted)
    conditions, values = _where(wanted)
    where = " AND ".join(["unit IN (SELECT unnest(?::VARCHAR[]))", devices, *conditions])
    limit = "" if wanted.limit is None else f"LIMIT {wanted.limit}"
    sql = _STORED.format(where=where, limit=limit, rule_at=len(PREFIX) + 1)
    for (body,) in db.execute(sql, [names, *arguments, *values]).fetchall():
        yield msgspec.json.decode(body, type=Interval)


def _where(wanted: Wanted) -> tuple[list[str], list[int | str]]:
    conditions, values = list[str](), list[int | str]()
    if wanted.until is not None:
        conditions.append("since < ?")
        values.append(wanted.until)
    if wanted.since is not None:
        conditions.append("(since >= ? OR (body->>'cleared_at')::BIGINT > ?)")
        values += [wanted.since, wanted.since]
    if wanted.after is not None:
        conditions.append(f"(since, device_id, unit[{len(PREFIX) + 1}:]::BIGINT) > (?, ?, ?)")
        values += wanted.after
    return conditions, values


def _of_devices(wanted: Wanted) -> tuple[str, Sequence[list[str]]]:
    if wanted.device_ids is None:
        return "true", []
    return "device_id IN (SELECT unnest(?::VARCHAR[]))", [list(wanted.device_ids)]


def _ends_after(one: Interval, moment: int) -> bool:
    return one.cleared_at is None or one.cleared_at > moment


class Touched(NamedTuple):
    """`pairs`: all intervals of every pair that was touched since. `by_clock`: of whatever pair the intervals that
    begin or end by the clock alone, without an event that touches them: silences that go on, and runs cut short.
    """

    pairs: dict[Pair, list[Interval]]
    by_clock: dict[Pair, list[Interval]]


def touched(db: duckdb.DuckDBPyConnection, epoch: int, position: int) -> Touched:
    """What may have changed since the store stood at this epoch and position, for whoever mirrors the view."""
    rows = db.execute(
        "SELECT unit[?:]::BIGINT, device_id FROM fold_touched "
        "WHERE starts_with(unit, ?) AND (epoch > ? OR step >= ?) ORDER BY ALL",
        [len(PREFIX) + 1, PREFIX, epoch, position],
    ).fetchall()
    pairs: dict[Pair, list[Interval]] = {(rule, device_id): [] for rule, device_id in rows}
    wanted = Wanted(rules={rule for rule, _ in pairs}, device_ids={device_id for _, device_id in pairs})
    for one in intervals(db, wanted) if pairs else ():
        if (one.rule, one.device_id) in pairs:
            pairs[one.rule, one.device_id].append(one)
    by_clock: dict[Pair, list[Interval]] = {}
    for one in still_standing(db, Wanted(), by_clock=True):
        by_clock.setdefault((one.rule, one.device_id), []).append(one)
    return Touched(pairs, by_clock)
