"""What people decided, as a store knows it: the versions of rules, the facts of devices, and what follows from more."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import zip_longest
from typing import NamedTuple

import duckdb
import structlog

from events.controls import Control, DeviceFacts, RuleVersion, Unreadable, body_of, text_of
from events.log.base import Record
from events.records import read_control
from views_engine.calculator.store import Store
from views_engine.rules.timeline import Knowledge, Segment, segments

log = structlog.get_logger(__name__)

_TABLES = {RuleVersion: "rule_versions", DeviceFacts: "device_facts", Unreadable: "unread_controls"}
_REMEMBERED = 8
_remembered: dict[str, Knowledge] = {}


class Concern(NamedTuple):
    """Whom a decision concerns: this rule must judge these devices (None: all) anew from `since` (ms) on."""

    rule: int
    device_ids: Sequence[str] | None
    since: int


def take(store: Store, record: Record) -> list[Concern]:
    """Takes in the decisions of a record that are new to this store; says what has to be judged anew."""
    db = store.connection
    new = [control for control in read_control(record) if control.number > store.standing.controls]
    if not new:
        return []
    before = load(db)
    _keep(db, new)
    digest = sha256(_digest(db).encode() + record.value).hexdigest()
    db.execute("DELETE FROM knowledge")
    db.execute("INSERT INTO knowledge VALUES (?)", [digest])
    store.move(controls=new[-1].number)
    return list(concerns(before, load(db), new))


def load(db: duckdb.DuckDBPyConnection) -> Knowledge:
    """All that was decided, as of the transaction that `db` is in; the same object while nothing is added."""
    digest = _digest(db)
    known = _remembered.get(digest)
    if known is None:
        known = _read(db) if digest else Knowledge()
        while len(_remembered) >= _REMEMBERED:
            _remembered.pop(next(iter(_remembered)), None)
        _remembered[digest] = known
    return known


def concerns(before: Knowledge, after: Knowledge, controls: Iterable[Control]) -> Iterator[Concern]:
    """What these decisions change about the past and the present, rule by rule."""
    bodies = [control.body for control in controls]
    anew: dict[int, int] = {}
    for body in bodies:
        if isinstance(body, RuleVersion):
            anew[body.rule] = min(body.effective_from, anew.get(body.rule, body.effective_from))
    yield from (Concern(rule, None, since) for rule, since in sorted(anew.items()))
    told = sorted({body.device_id for body in bodies if isinstance(body, DeviceFacts)})
    for rule in sorted(after.rules.keys() - anew.keys()):
        yield from _concerned(before, after, rule, told)


def _concerned(before: Knowledge, after: Knowledge, rule: int, told: Sequence[str]) -> Iterator[Concern]:
    """The devices that the rule judges otherwise because of what is said of them now, by the first such moment."""
    versions = after.rules[rule]
    if not any(_asks_for_facts(version) for version in versions):
        return
    found: defaultdict[int, list[str]] = defaultdict(list)
    for device_id in told:
        was, now = (segments(versions, known.facts.get(device_id, ()), device_id) for known in (before, after))
        since = _first_difference(was, now)
        if since is not None:
            found[since].append(device_id)
    yield from (Concern(rule, devices, since) for since, devices in sorted(found.items()))


def _asks_for_facts(version: RuleVersion) -> bool:
    return bool(version.scope.device_types or version.scope.groups or version.scope.tags)


def _first_difference(was: Sequence[Segment], now: Sequence[Segment]) -> int | None:
    for one_was, one_now in zip_longest(was, now):
        if one_was == one_now:
            continue
        if one_was and one_now and (one_was.start, one_was.version) == (one_now.start, one_now.version):
            return min(one_was.end, one_now.end)
        return min(segment.start for segment in (one_was, one_now) if segment)
    return None


def _keep(db: duckdb.DuckDBPyConnection, controls: Sequence[Control]) -> None:
    for kind, table in _TABLES.items():
        theirs = [control for control in controls if isinstance(control.body, kind)]
        numbers, texts = [control.number for control in theirs], [text_of(control.body).decode() for control in theirs]
        db.execute(f"INSERT INTO {table} SELECT unnest(?::BIGINT[]), unnest(?::VARCHAR[])", [numbers, texts])
    for control in controls:
        if isinstance(control.body, Unreadable):
            log.error("control cannot be read, it judges nothing", number=control.number, reason=control.body.reason)


def _digest(db: duckdb.DuckDBPyConnection) -> str:
    """Tells one history of decisions from any other; empty while there are none."""
    found = db.execute("SELECT digest FROM knowledge").fetchall()
    return str(found[0][0]) if found else ""


def _read(db: duckdb.DuckDBPyConnection) -> Knowledge:
    rules: defaultdict[int, list[RuleVersion]] = defaultdict(list)
    facts: defaultdict[str, list[DeviceFacts]] = defaultdict(list)
    rows = db.execute("SELECT body FROM (FROM rule_versions UNION ALL FROM device_facts) ORDER BY number").fetchall()
    for (text,) in rows:
        body = body_of(text.encode())
        if isinstance(body, RuleVersion):
            rules[body.rule].append(body)
        elif isinstance(body, DeviceFacts):
            facts[body.device_id].append(body)
    return Knowledge(rules=dict(rules), facts=dict(facts))
