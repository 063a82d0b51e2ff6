"""`manage.py` with our manners, for Django's own commands too."""

import sys
from difflib import get_close_matches

from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand

from commandline.base import polite


class Utility(ManagementUtility):
    """Finds commands as Django does; each of them has our manners, and so has a name that is none."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        known = get_commands()
        if subcommand not in known:
            alike = get_close_matches(subcommand, known, n=1)
            guess = f"did you mean {alike[0]}" if alike else f"`{self.prog_name} help` lists them all"
            sys.stderr.write(f"There is no command {subcommand!r}; {guess}{'?' if alike else '.'}\n")
            sys.exit(2)
        return polite(super().fetch_command(subcommand))
