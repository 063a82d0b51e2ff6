"""Waiting until what lies in the raw log is applied: by the stack that runs, or by ourselves where none does."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from typing import Any, Protocol

from django.conf import settings

from blackboard import board
from events.log.base import Log, Topic
from events.records import Fate
from iotproject.config import ROOT
from iotproject.parentage import child_of
from iotproject.stack import AlreadyRunning, sole
from views_engine.calculator.process import configured
from views_engine.calculator.queries import run
from views_engine.calculator.store import StoreUnusable
from views_engine.calculator.worker import Calculator
from views_engine.reading import Unavailable, get_reader

REST_S = 0.02
LOOK_S = 0.2
STUCK_S = 60.0
FATES = tuple(fate for fate in Fate if fate is not Fate.PENDING)


class Stuck(Exception):
    """What was appended is safe in the log, but nobody applies it. The message says what to do."""


class Pipeline(Protocol):
    """`begin` gets ready; `fates` counts events by fate as the views have them; `work` helps on, or rests a moment."""

    def begin(self) -> None: ...

    def fates(self) -> Mapping[str, int]: ...

    def work(self) -> None: ...

    def close(self) -> None: ...


def pipeline() -> Pipeline:
    """The running stack where somebody is live or a stack is starting; otherwise one of our own."""
    if any(board.live(shard) for shard in range(settings.CONFIG.log.shards)):
        return RunningStack()
    try:
        return OwnPipeline()
    except (AlreadyRunning, StoreUnusable):
        return RunningStack()


def settled(fates: Mapping[str, int]) -> int:
    """How many events have their fate."""
    return sum(fates.get(fate, 0) for fate in FATES)


def received(log: Log) -> int:
    """How many events the raw log has taken."""
    return sum(log.head(Topic.RAW, shard).events for shard in range(log.shards))


def wait(
    way: Pipeline, target: int, *, tell: Callable[[int], None], clock: Callable[[], float] = time.monotonic
) -> Mapping[str, int]:
    """The fates once `target` events have theirs. `tell` hears how many do; raises `Stuck` when they stop coming."""
    done, since = -1, clock()
    while True:
        fates = way.fates()
        if settled(fates) > done:
            done, since = settled(fates), clock()
            tell(done)
        if done >= target:
            return fates
        if clock() - since > STUCK_S:
            raise Stuck(f"Nothing was applied for {STUCK_S:.0f} seconds; `manage.py doctor` says what is missing.")
        way.work()


class RunningStack:
    """Asks whoever is live, through the private door."""

    def __init__(self) -> None:
        self._fates: Mapping[str, int] = {}

    def begin(self) -> None:
        return None

    def fates(self) -> Mapping[str, int]:
        """While nobody answers, what was known last."""
        try:
            answers = get_reader().query("ledger", {})
        except Unavailable:
            return self._fates
        self._fates = _summed(row for answer in answers for row in answer.rows)
        return self._fates

    def work(self) -> None:
        time.sleep(LOOK_S)

    def close(self) -> None:
        return None


class OwnPipeline:
    """The calculators in this process, the reformer in one of its own, while no stack may start."""

    def __init__(self) -> None:
        self._reformer: subprocess.Popen[bytes] | None = None
        with ExitStack() as stack:
            stack.enter_context(sole(settings.DATA_DIR))
            self._calculators = [_calculator(shard, stack) for shard in range(settings.CONFIG.log.shards)]
            self._open = stack.pop_all()

    def begin(self) -> None:
        self._tend_reformer()

    def fates(self) -> Mapping[str, int]:
        tables = [run(one.store.connection, "ledger", {}) for one in self._calculators]
        return _summed(row for table in tables for row in table.to_pylist())

    def work(self) -> None:
        self._tend_reformer()
        found = [one.step() for one in self._calculators]
        if not any(found):
            time.sleep(REST_S)

    def close(self) -> None:
        if self._reformer is not None and self._reformer.poll() is None:
            self._reformer.send_signal(signal.SIGTERM)
            self._reformer.wait()
        self._open.close()

    def _tend_reformer(self) -> None:
        """It ends when it finds nothing to do, and is started again while there is something to wait for."""
        status = None if self._reformer is None else self._reformer.poll()
        if status:
            raise Stuck(f"The reformer ended with status {status}; `manage.py run_reformer` says why.")
        if self._reformer is None or status == 0:
            self._reformer = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "run_reformer", "--until-idle"],
                cwd=ROOT,
                env={**os.environ, "IOT_LOGGING__LEVEL": "WARNING"},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=child_of(os.getpid()),
            )


def _calculator(shard: int, stack: ExitStack) -> Calculator:
    calculator = configured(shard=shard, name=f"calculator-{shard}")
    stack.callback(calculator.close)
    return calculator


def _summed(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row["fate"]] += row["count"]
    return totals
