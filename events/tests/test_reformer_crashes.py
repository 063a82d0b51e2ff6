"""A crash between any two durable writes loses nothing and doubles nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from events.letter import Letter
from events.log.base import Entry, Log, LogUnavailable, Topic, Transaction
from events.log.memory import MemoryLog
from events.records import Source
from events.reformer import ReformerSettings
from events.tests.reforming import NOON, Bench, line


class Crash(Exception):
    """The process is gone."""


class Countdown:
    """Lets a number of durable writes happen, then the process dies (or the disk fills) just before the next."""

    def __init__(self, writes: int, error: type[Exception] = Crash) -> None:
        self.writes, self.error = writes, error

    def tick(self) -> None:
        self.writes -= 1
        if self.writes < 0:
            raise self.error("the end")


class DyingLog:
    """A real log whose process dies when the countdown says so, before a transaction or right after it."""

    def __init__(self, log: Log, countdown: Countdown) -> None:
        self._log, self._countdown = log, countdown

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    @contextmanager
    def transaction(self, group: str, shard: int) -> Iterator[Transaction]:
        with self._log.transaction(group, shard) as transaction:
            yield transaction
            self._countdown.tick()
        self._countdown.tick()


def run(bench: Bench, countdown: Countdown) -> None:
    """A reformer's life until it dies or is idle."""

    def letters(found: list[Letter]) -> None:
        countdown.tick()
        bench.keep(found)
        countdown.tick()

    reformer = bench.reformer(log=DyingLog(bench.log, countdown), dead_letters=letters)
    while reformer.step():
        pass
    reformer.close()


def fill(bench: Bench) -> None:
    bench.send(line("a"), b"garbage", line("b", at=NOON - 1))
    bench.send(line("a", at=NOON - 9), line("a", at=NOON + 10**9), b"more")
    bench.log.append(Topic.RAW, [Entry(shard=0, value=b"?", timestamp=NOON, events=2)])


def outcome(bench: Bench) -> tuple[Sequence[Any], Any, Any]:
    rows = sorted(bench.rows(), key=lambda row: row["arrival"])
    return rows, bench.fates(), sorted(bench.letters)


@pytest.mark.parametrize("error", [Crash, LogUnavailable])
@pytest.mark.parametrize("batch_size", [1, 100])
@pytest.mark.parametrize("writes", range(14))
def test_a_crash_after_any_write_changes_nothing(writes: int, batch_size: int, error: type[Exception]) -> None:
    whole, broken = Bench(MemoryLog()), Bench(MemoryLog())
    for bench in (whole, broken):
        fill(bench)
    run(whole, Countdown(1000))
    broken.settings = ReformerSettings(batch_size=batch_size)
    with suppress(Crash):
        run(broken, Countdown(writes, error))
    run(broken, Countdown(1000))
    assert outcome(broken) == outcome(whole)
    kinds = broken.kinds()
    assert "marker" in kinds[len(kinds) - kinds[::-1].index("events") :]
    epochs = [marker.epoch for marker in broken.markers()]
    assert epochs == list(range(1, len(epochs) + 1))


def test_a_letter_of_a_step_that_never_was_committed_is_judged_anew() -> None:
    """Between the crash and the restart the device was created: its event is applied, and no letter remains."""
    bench = Bench(MemoryLog(), devices=frozenset())
    bench.send(line("late-comer"), source=Source.DIRECT)
    with pytest.raises(Crash):
        run(bench, Countdown(2))
    assert len(bench.letters) == 1
    bench.devices = frozenset({"late-comer"})
    run(bench, Countdown(1000))
    assert (len(bench.rows()), bench.letters, bench.fates()) == (1, {}, {})


def test_an_unavailable_log_is_tried_again_after_a_rest() -> None:
    bench = Bench(MemoryLog())
    reformer = bench.reformer(log=DyingLog(bench.log, Countdown(0, LogUnavailable)))
    bench.send(line())
    assert not reformer.step()
    assert reformer.trouble == "the end"
    reformer.log = bench.log
    assert not reformer.step()
    bench.now += 1000
    assert reformer.step()
    assert len(bench.rows()) == 1
    assert not reformer.trouble
