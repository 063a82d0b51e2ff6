import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from blackboard import board
from blackboard.controller import Controller
from iotproject import doctor, neighbours
from iotproject.doctor import Finding, State
from iotproject.neighbours import Holder
from iotproject.stack import AlreadyRunning, sole


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def only(findings: Iterator[Finding]) -> Finding:
    [finding] = findings
    return finding


@pytest.mark.django_db
def test_a_calculator_that_does_not_run_is_no_fault_while_nothing_runs() -> None:
    finding = only(doctor.calculators())

    assert finding.state is State.NOTE
    assert "run_stack" in finding.advice


@pytest.mark.django_db
def test_a_live_calculator_is_named() -> None:
    board.register(name="calculator-0", host="h", pid=1, shard=0, address="")
    Controller().step()

    assert only(doctor.calculators()).found.startswith("calculator-0 is live")


@pytest.mark.django_db
def test_migrations_that_are_applied_are_good() -> None:
    assert [finding.state for finding in doctor.database()] == [State.GOOD, State.GOOD]


@pytest.mark.django_db
def test_every_finding_that_is_wrong_says_what_to_do() -> None:
    for finding in doctor.examine():
        assert finding.found
        assert finding.state is State.GOOD or finding.advice, finding


@pytest.mark.django_db
def test_the_command_ends_with_status_1_only_if_anything_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = any(finding.state is State.WRONG for finding in doctor.examine())

    try:
        call_command("doctor")
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)

    assert status == int(wrong)
    assert "data directory" in capsys.readouterr().out


def test_object_storage_is_tried_and_left_clean(tmp_path: Path) -> None:
    neighbours.store_and_fetch(f"file://{tmp_path}")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_object_storage_that_cannot_be_written_raises(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Exception, match="exists"):
        neighbours.store_and_fetch(f"file://{tmp_path / 'file'}")


def test_a_port_of_another_program_is_told(taken_port: int) -> None:
    assert neighbours.who_listens("127.0.0.1", taken_port) is Holder.SOMEBODY_ELSE


def test_a_running_stack_is_noticed_and_a_second_one_refused(tmp_path: Path) -> None:
    assert not neighbours.stack_runs(tmp_path)
    with sole(tmp_path):
        assert neighbours.stack_runs(tmp_path)
        with pytest.raises(AlreadyRunning, match="already runs a stack"):
            sole(tmp_path)
    assert not neighbours.stack_runs(tmp_path)
