"""`import_events`: files into the raw log, and a report of what became of every event."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from blackboard.loop import now_ms
from blackboard.priority import give_way
from commandline import base
from commandline.base import Mistake
from devices.registry import get_registry
from events import catalogue
from events.importing import report
from events.importing.appending import Appender
from events.importing.block import Block, ImportMistake
from events.importing.dry_run import DryRun
from events.importing.files import open_source
from events.importing.mapping import Mapping as RowMapping
from events.importing.mapping import load_mapping
from events.log import get_log
from events.log.base import LogUnavailable
from iotproject import catching_up, migrating
from iotproject.progress import Meter, meter


class Command(base.Command):
    help = "Imports NDJSON, CSV and Parquet files (also gzipped); the order of the file is the order of arrival."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--register", action="store_true", help="create devices that are not known yet")
        parser.add_argument("--dry-run", action="store_true", help="say what would be taken and refused; write nothing")
        parser.add_argument("--mapping", type=Path, metavar="FILE.yaml", help="how rows become events")
        parser.add_argument("--no-wait", action="store_true", help="end as soon as all events are safe in the log")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            give_way()
            mapping = load_mapping(options["mapping"]) if options["mapping"] else None
            self._check(options["files"], mapping)
            migrating.bring_up_to_date()
            self._act(options["files"], mapping, options)
        except ImportMistake as mistake:
            raise Mistake(str(mistake)) from None
        except (LogUnavailable, catching_up.Stuck) as error:
            raise CommandError(str(error)) from None

    def _act(self, files: list[Path], mapping: RowMapping | None, options: dict[str, Any]) -> None:
        with closing(meter()) as shown:
            if options["dry_run"]:
                text = self._dry_run(files, mapping, options["register"], shown)
            elif options["no_wait"]:
                text = self._append(files, mapping, options["register"], shown)
            else:
                text = self._import(files, mapping, options["register"], shown)
        self.stdout.write(text)

    def _check(self, files: list[Path], mapping: RowMapping | None) -> None:
        """Nothing is written before every file has been opened once."""
        for file in files:
            if unused := open_source(file, mapping).unused:
                self.stderr.write(f"{file}: left out, as no event has them: {', '.join(unused)}")

    def _dry_run(self, files: list[Path], mapping: RowMapping | None, register: bool, shown: Meter) -> str:
        known = None if register else get_registry().known
        run = DryRun(types=catalogue.event_types(), now=now_ms(), known=known)
        for block in _blocks(files, mapping, shown, lambda: run.forecast.events):
            run.look_at(block)
        return report.forecast(run.forecast)

    def _append(self, files: list[Path], mapping: RowMapping | None, register: bool, shown: Meter) -> str:
        registry = get_registry()
        appender = Appender(
            get_log(), clock=now_ms, known=registry.known, register=registry.register if register else None
        )
        for block in _blocks(files, mapping, shown, lambda: appender.done.events):
            appender.append(block)
        return report.appended(appender.done)

    def _import(self, files: list[Path], mapping: RowMapping | None, register: bool, shown: Meter) -> str:
        log = get_log()
        with closing(catching_up.pipeline()) as way:
            before = _ledger(way.fates(), catching_up.received(log))
            way.begin()
            appended = self._append(files, mapping, register, shown)
            target = catching_up.received(log)
            fates = catching_up.wait(way, target, tell=lambda done: shown.show("applying", done / max(target, 1), done))
        return f"{appended}\n\n{report.ledger(before, _ledger(fates, target))}"


def _blocks(files: list[Path], mapping: RowMapping | None, shown: Meter, events: Callable[[], int]) -> Iterator[Block]:
    for file in files:
        source = open_source(file, mapping)
        for block in source.blocks:
            yield block
            shown.show(source.name, source.fraction(), events())


def _ledger(fates: Mapping[str, int], received: int) -> dict[str, int]:
    counts = {str(fate): fates.get(fate, 0) for fate in catching_up.FATES}
    return {"received": received, **counts, "pending": max(received - sum(counts.values()), 0)}
