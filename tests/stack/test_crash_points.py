"""kill -9 at every named point around every durable write: after a restart nothing is lost, and nothing doubled.

CRASH_VISITS says how many visits of each point are tried: at the first one, at the second one, and so on.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from commandline.crash_points import POINTS
from tests.stack.crashing.ground import Ground, Order
from tests.stack.running import ROOT

VISITS = int(os.environ.get("CRASH_VISITS", "1"))

pytestmark = [pytest.mark.stack, pytest.mark.timeout(60 + 60 * VISITS)]

REFORM: Order = ("run_reformer", "--until-idle")
CALCULATE: Order = ("run_calculator", "--until-idle")
SNAPSHOT: Order = ("snapshot",)
RESTORE: Order = ("restore",)
REBUILD: Order = ("rebuild_views",)


@dataclass(frozen=True)
class Case:
    """From the state `since`, `before` is done, and then `order`, in which the process dies; it is done once more."""

    since: str
    order: Order
    before: tuple[Order, ...] = ()
    once_more: bool = True


CASES: dict[str, Case] = {
    "door.before_append": Case("empty", "send"),
    "door.after_append": Case("empty", "send"),
    "control.put": Case("empty", "put_a_rule"),
    "log.before_commit": Case("received", REFORM),
    "log.after_commit": Case("received", REFORM),
    "reformer.before_letters": Case("received", REFORM),
    "reformer.after_letters": Case("received", REFORM),
    "reformer.after_commit": Case("received", REFORM),
    "calculator.begun": Case("ordered", CALCULATE),
    "calculator.record_taken": Case("ordered", CALCULATE),
    "calculator.late_let_in": Case("ordered", CALCULATE),
    "calculator.before_commit": Case("ordered", CALCULATE),
    "calculator.after_commit": Case("ordered", CALCULATE),
    "mirror.before_commit": Case("calculated", "mirror"),
    "mirror.after_commit": Case("calculated", "mirror"),
    "outbox.written": Case("calculated", "mirror"),
    "delivery.claimed": Case("told", "deliver"),
    "delivery.sent": Case("told", "deliver"),
    "delivery.marked": Case("told", "deliver"),
    "rebuild.before_commit": Case("calculated", REBUILD),
    "rebuild.after_commit": Case("calculated", REBUILD),
    "healing.set_aside": Case("calculated", CALCULATE, before=(SNAPSHOT, "damage")),
    "restore.fetched": Case("calculated", RESTORE, before=(SNAPSHOT,)),
    "restore.in_place": Case("calculated", RESTORE, before=(SNAPSHOT,)),
    "snapshot.copied": Case("calculated", SNAPSHOT),
    "snapshot.stored": Case("calculated", SNAPSHOT),
    "snapshot.recorded": Case("calculated", SNAPSHOT),
    "segment.written": Case("calculated", "write_segments"),
    "segment.stored": Case("calculated", "write_segments"),
    "segment.recorded": Case("calculated", "write_segments"),
    "trim.after_delete": Case("calculated", "trim", before=("write_segments",)),
    "board.before_commit": Case("calculated", "decide"),
    "board.after_commit": Case("calculated", "decide"),
    "export.stored": Case("calculated", "export"),
}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """States to begin with: devices are known, events were received, ordered, calculated."""
    ground = Ground(tmp_path_factory.mktemp("crashing"))
    ground.well(("migrate", "-v", "0"), "register_devices")
    for state, orders in {
        "empty": (),
        "received": ("put_a_rule", "send", "send_more"),
        "ordered": (REFORM,),
        "calculated": (CALCULATE,),
        "told": ("mirror",),
    }.items():
        ground.well(*orders)
        ground.keep(state)
    yield ground
    ground.close()


@pytest.fixture(scope="module")
def whole(ground: Ground) -> dict[str, Any]:
    """How things stand where nothing ever died; and the verifier agrees."""
    ground.put_back("calculated")
    ground.well(("verify_views",), "mirror")
    found = ground.told()
    assert found["alerts"]
    assert found["messages"]
    return found


def test_every_point_in_the_code_has_its_sentence_and_its_case() -> None:
    code = [
        path for path in ROOT.glob("*/**/*.py") if path.parts[len(ROOT.parts)] in APPS and "tests" not in path.parts
    ]
    named = {name for path in code for name in re.findall(r'crash_point\("([^"]+)"\)', path.read_text())}
    assert named == set(POINTS) == set(CASES)


APPS = ("blackboard", "commandline", "devices", "events", "iotproject", "views_engine")


@pytest.mark.parametrize("visit", range(1, VISITS + 1))
@pytest.mark.parametrize("point", CASES)
def test_killed_there_nothing_is_lost_and_nothing_doubled(
    ground: Ground, whole: dict[str, Any], point: str, visit: int
) -> None:
    case = CASES[point]
    ground.put_back(case.since)
    ground.well(*case.before)
    status = ground.run(case.order, crash_at=f"{point}:{visit}")
    if visit > 1 and status == 0:
        pytest.skip("it is not visited so often")
    assert status == -9, ground.last_words()
    ground.well(case.order)
    _holds(ground, case, whole)


def _holds(ground: Ground, case: Case, whole: dict[str, Any]) -> None:
    """After all is done that was to do, everything is as though nothing had died; also made anew from the logs."""
    missing = ("put_a_rule", "send", "send_more") if case.since == "empty" else ()
    ground.well(*(order for order in missing if order != case.order), REFORM, CALCULATE)
    found = ground.told()
    assert found["digests"] == whole["digests"]
    assert sum(found["fates"].values()) == found["raw_events"]
    same = ["events", "rules"] if case.since == "empty" else ["events", "rules", "fates", "letters", "raw_events"]
    assert {name: found[name] for name in same} == {name: whole[name] for name in same}
    if case.order == "mirror":
        assert (found["alerts"], found["messages"]) == (whole["alerts"], whole["messages"])
    if case.order == "deliver":
        assert found["messages"] == [[key, "sent"] for key, _ in whole["messages"]]
        assert found["mails"] == len(whole["messages"])
    if case.order != CALCULATE:  # what others leave behind shows when the views are made anew
        ground.well("forget_the_store", CALCULATE)
        assert ground.told()["digests"] == whole["digests"]
