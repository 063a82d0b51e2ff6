"""`doctor`: checks every setting and connection and says what to do."""

import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from commandline import base
from iotproject.doctor import Finding, State, examine

MARKS = {State.GOOD: "[green]good", State.NOTE: "[yellow]note", State.WRONG: "[bold red]wrong"}


class Command(base.Command):
    help = "Checks every setting and connection and says what to do; exit status 1 if anything is wrong."
    requires_system_checks = ()  # they are among its findings

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(examine())
        Console().print(_table(findings))
        wrong = sum(finding.state is State.WRONG for finding in findings)
        self.stdout.write(f"{wrong} wrong." if wrong else "Everything is in order.")
        if wrong:
            sys.exit(1)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("what", "", "found", "what to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        table.add_row(finding.what, MARKS[finding.state], finding.found, finding.advice)
    return table
