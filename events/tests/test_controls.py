"""Decisions on their way into the ordered log: numbered by commit, emitted once, whatever dies in between."""

from collections.abc import Sequence

import pytest

from events.controls import Control, RuleVersion, Unreadable, read_controls, write_controls
from events.log.base import Committed, Fenced, LogUnavailable, Topic
from events.log.memory import MemoryLog
from events.records import Kind, read_control, read_progress
from events.reformer import Reformer
from events.reformer.state import State
from events.reformer.worker import GROUP
from events.tests.reforming import NOON, Bench, Outbox, line
from events.tests.test_reformer_crashes import Countdown, Crash, DyingLog


def emitted(bench: Bench) -> list[int]:
    records = [record for record in bench.records() if record.headers["kind"] == Kind.CONTROL]
    return [control.number for record in records for control in read_control(record)]


def state(bench: Bench) -> State:
    return State.read(bench.log.committed(GROUP, 0).state)


def test_decisions_come_before_the_batch_of_their_step() -> None:
    bench = Bench(MemoryLog())
    bench.send(line())
    bench.reformer(controls=Outbox(1)).step()
    assert bench.kinds()[:2] == ["control", "events"]
    assert [read_progress(record).raw for record in bench.records()[:2]] == [0, 1]


def test_an_idle_reformer_emits_them_at_once_and_says_that_it_was_busy() -> None:
    bench = Bench(MemoryLog())
    reformer = bench.reformer(controls=Outbox(1, 2, 3))
    assert [reformer.step() for _ in range(3)] == [True, True, False]
    assert emitted(bench) == [1, 2, 3]
    assert state(bench).controls == 3


def test_where_there_are_none_they_are_asked_for_ten_times_a_second() -> None:
    bench, outbox = Bench(MemoryLog()), Outbox()
    reformer = bench.reformer(controls=outbox)
    for _ in range(100):
        reformer.step()
        bench.now += 10
    assert outbox.asked == 10


def test_a_marker_leaves_the_number_as_it_is() -> None:
    bench = Bench(MemoryLog())
    reformer = bench.reformer(controls=Outbox(1))
    bench.send(line())
    reformer.step()
    assert "marker" in bench.kinds()
    assert state(bench).controls == 1


@pytest.mark.parametrize("error", [Crash, LogUnavailable])
@pytest.mark.parametrize("writes", range(8))
def test_each_is_emitted_once_whatever_write_is_the_last(writes: int, error: type[Exception]) -> None:
    bench = Bench(MemoryLog())
    bench.send(line())
    bench.send(line(at=NOON + 1))
    for countdown in (Countdown(writes, error), Countdown(1000)):
        reformer = bench.reformer(log=DyingLog(bench.log, countdown), controls=Outbox(1, 2, 3, 4, 5))
        try:
            for _ in range(20):
                reformer.step()
                bench.now += 1000
        except Crash:
            continue
    assert emitted(bench) == [1, 2, 3, 4, 5]


def test_of_two_reformers_only_the_newer_one_emits() -> None:
    bench = Bench(MemoryLog())
    old: Reformer = bench.reformer(controls=Outbox(1))
    old.step()
    new = bench.reformer(log=bench.log.beside(), controls=Outbox(1, 2))  # type: ignore[attr-defined]
    new.step()
    old.controls = Outbox(1, 2)
    bench.now += 1000
    with pytest.raises(Fenced):
        old.step()
    assert emitted(bench) == [1, 2]


def test_an_outbox_that_cannot_answer_is_asked_again_and_nothing_is_lost() -> None:
    def away(shard: int, after: int) -> Sequence[Control]:
        raise LogUnavailable("the database is away")

    bench = Bench(MemoryLog())
    bench.send(line())
    reformer = bench.reformer(controls=away)
    assert not reformer.step()
    assert bench.log.committed(GROUP, 0) == Committed(0, "")
    reformer.controls = Outbox(1)
    bench.now += 1000
    assert reformer.step()
    assert (emitted(bench), len(bench.rows())) == ([1], 1)


def test_a_decision_survives_being_written_and_read() -> None:
    rule = RuleVersion(
        rule=1,
        version=1,
        name="Hot",
        kind="threshold",
        event_type="temperature",
        severity="info",
        parameters={"operator": ">", "value": 30},
        effective_from=NOON,
    )
    value = write_controls([Control(1, rule)])
    (control,) = read_controls(value)
    assert isinstance(control.body, RuleVersion)
    assert write_controls([control]) == value


def test_a_decision_of_a_newer_version_is_passed_on_as_it_is() -> None:
    value = b'[{"number":7,"body":{"type":"season","begins":1}}]'
    (control,) = read_controls(value)
    assert isinstance(control.body, Unreadable)
    assert "season" in control.body.reason
    assert write_controls([control]) == value


def test_records_of_decisions_hold_no_events() -> None:
    bench = Bench(MemoryLog())
    bench.reformer(controls=Outbox(1)).step()
    assert bench.log.head(Topic.ORDERED, 0).events == 0
