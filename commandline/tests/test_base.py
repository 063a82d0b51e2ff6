from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.test import override_settings

from commandline.base import Command, Mistake, polite


class Failing(Command):
    error: Exception

    def handle(self, *args: Any, **options: Any) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OperationalError("no such table: devices_device"), "manage.py migrate"),
        (OperationalError("disk I/O error"), "disk I/O error"),
        (FileNotFoundError(2, "No such file or directory", "x.csv"), "x.csv: No such file"),
    ],
)
def test_what_a_person_can_mend_is_a_sentence(error: Exception, says: str) -> None:
    command = Failing()
    command.error = error
    with pytest.raises(Mistake, match=says):
        call_command(command, skip_checks=True)


def test_what_is_our_fault_keeps_its_traceback() -> None:
    command = Failing()
    command.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        call_command(command, skip_checks=True)


def shell(command: BaseCommand, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """The exit status, and what stands on standard error."""
    command.requires_system_checks = ()
    with pytest.raises(SystemExit) as left:
        command.run_from_argv(["manage.py", "try", *options])
    assert isinstance(left.value.code, int)
    return left.value.code, capsys.readouterr().err


@pytest.mark.parametrize(("error", "status"), [(Mistake("No such colour."), 2), (CommandError("No such colour."), 1)])
def test_a_shell_gets_the_sentence_alone(error: Exception, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    command = Failing()
    command.error = error
    assert shell(command, capsys) == (status, "No such colour.\n")


def test_a_wrong_option_gets_a_sentence_not_the_page_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    sentence = "manage.py try: unrecognized arguments: --colour; see --help.\n"
    assert shell(Failing(), capsys, "--colour") == (2, sentence)


def test_interrupted_is_what_shells_call_it(capsys: pytest.CaptureFixture[str]) -> None:
    class Interrupted(Command):
        def handle(self, *args: Any, **options: Any) -> None:
            raise KeyboardInterrupt

    assert shell(Interrupted(), capsys) == (130, "")


def test_a_foreign_command_learns_manners(capsys: pytest.CaptureFixture[str]) -> None:
    class Foreign(BaseCommand):
        def handle(self, *args: Any, **options: Any) -> None:
            raise CommandError("No such colour.")

    command = polite(Foreign())
    assert isinstance(command, Foreign)
    assert shell(command, capsys) == (1, "No such colour.\n")
    assert polite(command) is command


def test_a_mistake_in_the_settings_is_its_sentence() -> None:
    with override_settings(MEDIA_URL="no-slash"), pytest.raises(Mistake) as mistake:
        Failing().check()
    assert str(mistake.value) == "The MEDIA_URL setting must end with a slash."
