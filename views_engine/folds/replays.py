"""Repairs of many units and devices at once: windows of time around the late events, doubling until all has settled."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import duckdb

from views_engine.folds.batch import Batch, Before, Types
from views_engine.folds.contract import Key
from views_engine.folds.engine import Checkpoint
from views_engine.folds.history import FOREVER, Span, stretches
from views_engine.folds.late import Found
from views_engine.folds.repair import Patch, Repair, Window
from views_engine.folds.roster import Member
from views_engine.folds.storage import Pair, in_turn, key_of

FIRST_SPAN_MS = 300_000
DEVICES_AT_ONCE = 500
MANY_ROWS = 200_000
"""Windows that hold so many events do not grow any more."""

_CHECKPOINTS = """
SELECT unit, device_id, key, state FROM fold_checkpoints JOIN fold_wanted USING (device_id)
WHERE key.observed_at BETWEEN low AND high AND unit IN (SELECT unnest(?::VARCHAR[]))
ORDER BY unit, device_id, key
"""

Checkpoints = Mapping[Pair, Sequence[Checkpoint]]


class Job:
    """One repair on its way; `carry` is the last event that it has seen since its windows last jumped."""

    def __init__(self, found: Found) -> None:
        self.member, self.device_id, self.seeds = found.member, found.device_id, found.seeds
        self.repair = Repair(found.member, found.triggers)
        self.carry: Before | None = None

    @property
    def pair(self) -> Pair:
        return self.member.name, self.device_id

    def seed(self, first: Key) -> Before | None:
        """What precedes the first event of a window; known where it matters."""
        return self.carry or self.seeds.get(first)


class Replayed(NamedTuple):
    member: Member
    device_id: str
    patches: list[Patch]

    @property
    def pair(self) -> Pair:
        return self.member.name, self.device_id


class _Device:
    """How far the windows of one device have come: `cursor` is the next millisecond that was not read yet."""

    def __init__(self, jobs: list[Job], end: int) -> None:
        self.jobs, self.end, self.cursor, self.span = jobs, end, -FOREVER, FIRST_SPAN_MS

    def next_window(self, grow: bool) -> Span:
        """From where the last one ended, and twice as long; or farther on, where nothing before that is wanted."""
        wanted = min(job.repair.wants or 0 for job in self.jobs)
        if wanted > self.cursor and not any(job.repair.runs for job in self.jobs):
            self.cursor, self.span = wanted, FIRST_SPAN_MS
            for job in self.jobs:
                job.carry = None
        elif grow:
            self.span *= 2
        low, self.cursor = self.cursor, self.cursor + self.span
        return low, self.cursor - 1

    def settle(self) -> list[Job]:
        """Ends what has no more events to come; the jobs that are through."""
        if self.cursor > self.end:
            for job in self.jobs:
                job.repair.end()
            done, self.jobs = self.jobs, []
            return done
        done = [job for job in self.jobs if job.repair.wants is None]
        self.jobs = [job for job in self.jobs if job.repair.wants is not None]
        return done


def replay_all(db: duckdb.DuckDBPyConnection, found: Iterable[Found]) -> Iterator[Replayed]:
    """Runs all repairs over table `events` and relation `due`; the events of `due` are not among the others yet."""
    by_device: defaultdict[str, list[Job]] = defaultdict(list)
    for one in found:
        by_device[one.device_id].append(Job(one))
    for device_ids in in_turn(sorted(by_device), DEVICES_AT_ONCE):
        ends = _ends(db, device_ids)
        yield from _replay(db, {one: _Device(by_device[one], ends.get(one, 0)) for one in device_ids})


def _replay(db: duckdb.DuckDBPyConnection, devices: dict[str, _Device]) -> Iterator[Replayed]:
    grow = True
    while devices:
        windows = {device_id: device.next_window(grow) for device_id, device in devices.items()}
        jobs = [job for device in devices.values() for job in device.jobs]
        batch = stretches(db, _types(jobs), windows, payload=any(job.member.reads_payload for job in jobs))
        _feed(jobs, batch, _checkpoints(db, jobs))
        grow = len(batch) < MANY_ROWS
        for device in devices.values():
            yield from (Replayed(job.member, job.device_id, job.repair.patches) for job in device.settle())
        devices = {device_id: device for device_id, device in devices.items() if device.jobs}


def _types(jobs: Iterable[Job]) -> Types:
    found: set[str] = set()
    for job in jobs:
        if job.member.event_types is None:
            return None
        found |= job.member.event_types
    return frozenset(found)


def _feed(jobs: Iterable[Job], batch: Batch, checkpoints: Checkpoints) -> None:
    by_member: defaultdict[str, dict[str, Job]] = defaultdict(dict)
    for job in jobs:
        by_member[job.member.name][job.device_id] = job
    for own in by_member.values():
        _feed_unit(own, batch, checkpoints)


def _feed_unit(jobs: Mapping[str, Job], batch: Batch, checkpoints: Checkpoints) -> None:
    member = next(iter(jobs.values())).member
    rows = batch.rows(member.event_types)
    own = [jobs.get(device_id) for device_id in rows.devices]

    def seed(place: int) -> Before | None:
        job = own[place]
        return None if job is None else job.seed(rows.key(int(rows.bounds[place])))

    sight = rows.looking_back(seed) if member.looks_back else rows.plain
    mask = member.stirring(sight.columns)
    for place, job in enumerate(own):
        if job is None:
            continue
        start, end = int(rows.bounds[place]), int(rows.bounds[place + 1])
        stirs = None if mask is None else mask[start:end]
        readings = sight.readings(start, end)
        job.repair.feed(Window(readings, stirs, rows.late[start:end].tolist(), checkpoints.get(job.pair, ())))
        last = readings[len(readings) - 1]
        job.carry = (last.observed_at, last.value)


def _checkpoints(db: duckdb.DuckDBPyConnection, jobs: Iterable[Job]) -> Checkpoints:
    """The stored checkpoints within the windows just read, by unit and device."""
    found: defaultdict[Pair, list[Checkpoint]] = defaultdict(list)
    rows = db.execute(_CHECKPOINTS, [sorted({job.member.name for job in jobs})]).fetchall()
    for unit, device_id, key, state in rows:
        found[unit, device_id].append(Checkpoint(key_of(key), state))
    return found


def _ends(db: duckdb.DuckDBPyConnection, device_ids: Sequence[str]) -> dict[str, int]:
    """When the newest event of each device was observed: late ones never lie behind it."""
    sql = "SELECT device_id, head.observed_at FROM devices WHERE device_id IN (SELECT unnest(?::VARCHAR[]))"
    return dict(db.execute(sql, [list(device_ids)]).fetchall())
