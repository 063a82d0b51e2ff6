"""The manners of every command: a mistake is one sentence on standard error and exit status 2."""

import sys
from typing import Any, NoReturn

from django.core.checks import run_checks
from django.core.management.base import BaseCommand, CommandError, CommandParser, SystemCheckError
from django.db import DatabaseError

INTERRUPTED = 130
_NOT_MIGRATED = ("no such table", "no such column", "does not exist")


class Mistake(CommandError):
    """What the person at the keyboard got wrong, in one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)


class SentenceParser(CommandParser):
    """Says what is wrong with an option, without the page of usage (that is what `--help` is for)."""

    def error(self, message: str) -> NoReturn:
        if not self.called_from_command_line:
            raise Mistake(message)
        self.exit(2, f"{self.prog}: {' '.join(message.split())}; see --help.\n")


class Manners(BaseCommand):
    """What a command of ours and one of Django's have in common."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = SentenceParser
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except Exception as error:
            sentence = None if options.get("traceback") else sentence_of(error)
            if sentence is None:
                raise
            return self._complain(sentence, error)

    def check(self, *args: Any, **options: Any) -> None:
        """The mistakes a sentence each; Django's own report for who asks for it, as its command `check` does."""
        try:
            super().check(*args, **options)
        except SystemCheckError:
            if options.get("display_num_errors"):
                raise
            raise Mistake("\n".join(found.msg for found in run_checks() if found.is_serious())) from None

    def _complain(self, sentence: str, error: Exception) -> NoReturn:
        """Leaves from a shell; whoever called from Python gets an exception."""
        if not getattr(self, "_called_from_command_line", False):
            raise error if isinstance(error, CommandError) else Mistake(sentence) from error
        self.stderr.write(sentence)
        sys.exit(error.returncode if isinstance(error, CommandError) else 2)


class Command(Manners):
    """Write `handle`; raise Mistake, or CommandError (status 1) for what failed without anybody's mistake.

    No traceback reaches a person unless asked for with `--traceback`.
    """


def polite(command: BaseCommand) -> BaseCommand:
    """This command, of Django's for instance, with our manners."""
    if not isinstance(command, Manners):
        kind = type(command)
        command.__class__ = type(kind.__name__, (Manners, kind), {"__module__": kind.__module__})
    return command


def sentence_of(error: Exception) -> str | None:
    """What to tell a person of this error; None for one that is our fault and needs its traceback."""
    match error:
        case SystemCheckError():
            return None
        case CommandError():
            return str(error)
        case DatabaseError() if any(words in str(error) for words in _NOT_MIGRATED):
            return "The database is not set up for this version: run `python manage.py migrate`."
        case DatabaseError():
            return f"The database cannot do this: {_first_line(error)}."
        case OSError(filename=str() | bytes() as name, strerror=str() as reason):
            return f"{name if isinstance(name, str) else name.decode(errors='replace')}: {reason}."
    return None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
