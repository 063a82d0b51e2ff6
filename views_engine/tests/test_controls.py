"""Decisions in a calculator: known by position, and whom they concern."""

from collections.abc import Iterator
from typing import Any

import pytest

from events.controls import Control, DeviceFacts, RuleVersion, Scope, Unreadable
from events.log.base import Topic
from events.log.memory import MemoryLog
from events.records import Progress, control_entry
from views_engine.calculator import controls
from views_engine.calculator.controls import Concern, concerns, load
from views_engine.calculator.store import Store
from views_engine.calculator.worker import Calculator
from views_engine.rules.timeline import Knowledge

NOON = 1_770_000_000_000


def rule(version: int = 1, **members: Any) -> RuleVersion:
    given: dict[str, Any] = {
        "rule": 1,
        "name": "Hot",
        "kind": "threshold",
        "event_type": "temperature",
        "severity": "info",
        "parameters": {"operator": ">", "value": 30},
        "effective_from": NOON,
    }
    return RuleVersion(**{**given, "version": version, **members})


def facts(device_id: str = "a", since: int = NOON, *groups: str) -> DeviceFacts:
    return DeviceFacts(device_id=device_id, since=since, groups=groups)


def known(*bodies: RuleVersion | DeviceFacts) -> Knowledge:
    rules: dict[int, list[RuleVersion]] = {}
    told: dict[str, list[DeviceFacts]] = {}
    for body in bodies:
        if isinstance(body, RuleVersion):
            rules.setdefault(body.rule, []).append(body)
        else:
            told.setdefault(body.device_id, []).append(body)
    return Knowledge(rules=rules, facts=told)


def concerned(before: Knowledge, *new: RuleVersion | DeviceFacts) -> list[Concern]:
    kept: list[RuleVersion | DeviceFacts] = [body for versions in before.rules.values() for body in versions]
    kept += [body for said in before.facts.values() for body in said]
    return list(concerns(before, known(*kept, *new), [Control(number, body) for number, body in enumerate(new, 1)]))


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(":memory:")
    yield store
    store.close()


def log_of(*records: list[Control]) -> MemoryLog:
    log = MemoryLog()
    entries = [control_entry(each, shard=0, at=NOON, progress=Progress(0, 0, {})) for each in records]
    log.append(Topic.ORDERED, entries)
    return log


def calculated(store: Store, *records: list[Control]) -> Knowledge:
    Calculator(log=log_of(*records), shard=0, store=store).step()
    return load(store.connection)


def test_a_store_knows_what_was_decided_before_its_position(store: Store) -> None:
    knowledge = calculated(store, [Control(3, rule()), Control(5, facts())])
    assert [version.version for version in knowledge.rules[1]] == [1]
    assert [said.since for said in knowledge.facts["a"]] == [NOON]
    assert (store.standing.controls, store.standing.position) == (5, 1)


def test_a_decision_that_is_known_already_changes_nothing(store: Store) -> None:
    assert calculated(store, [Control(3, rule())], [Control(3, rule())]).rules[1] == calculated(store).rules[1]
    assert len(load(store.connection).rules[1]) == 1


def test_knowledge_is_read_once_and_a_store_never_gets_that_of_another(store: Store) -> None:
    knowledge = calculated(store, [Control(1, rule())])
    assert load(store.connection) is knowledge
    other = Store.open(":memory:")
    assert calculated(other, [Control(1, rule(name="Cold"))]).rules[1][0].name == "Cold"
    other.close()


def test_a_reader_knows_what_is_committed_and_no_more(store: Store) -> None:
    reader = store.reader()
    (record,) = log_of([Control(1, rule())]).read(Topic.ORDERED, 0, 0)
    with store.transaction():
        controls.take(store, record)
        assert (len(load(reader).rules), len(load(store.connection).rules)) == (0, 1)
    assert len(load(reader).rules) == 1


def test_what_cannot_be_read_is_kept_and_stops_nobody(store: Store) -> None:
    knowledge = calculated(store, [Control(1, Unreadable(b'{"type":"season"}', "what?")), Control(2, rule())])
    assert list(knowledge.rules) == [1]
    kept = store.connection.execute("SELECT number, body FROM unread_controls").fetchall()
    assert kept == [(1, '{"type":"season"}')]


def test_a_rule_is_judged_anew_from_the_earliest_moment_that_a_new_version_speaks_of() -> None:
    assert concerned(known(rule()), rule(2, effective_from=NOON - 5), rule(3)) == [Concern(1, None, NOON - 5)]


COLD = Scope(groups=["cold"])


def test_the_first_facts_hold_for_all_the_past() -> None:
    assert concerned(known(rule(scope=COLD)), facts("a", NOON + 9, "cold")) == [Concern(1, ["a"], NOON)]


def test_later_facts_matter_from_their_moment_on() -> None:
    before = known(rule(scope=COLD), facts("a", NOON, "cold"), facts("b", NOON, "warm"))
    assert concerned(before, facts("a", NOON + 9), facts("b", NOON + 7, "cold")) == [
        Concern(1, ["b"], NOON + 7),
        Concern(1, ["a"], NOON + 9),
    ]


@pytest.mark.parametrize("scope", [Scope(), Scope(devices=["a"]), Scope(groups=["warm"])])
def test_facts_that_no_scope_asks_for_concern_nobody(scope: Scope) -> None:
    assert concerned(known(rule(scope=scope)), facts("a", NOON, "cold")) == []
