"""Puts a snapshot in the place of a calculator's store."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress

from commandline import base
from commandline.base import Mistake
from events.log import get_log
from events.segments import History
from views_engine.calculator.files import held, set_aside, store_path
from views_engine.models import SnapshotRecord
from views_engine.snapshots.choosing import Candidate, candidate_of, candidates
from views_engine.snapshots.restoring import restore_first


class Command(base.Command):
    help = "Puts a snapshot in the place of a calculator's store; what follows it is replayed at the next start."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shard", type=int, default=0, help="of which shard (default: 0)")
        parser.add_argument("--name", default="", help="whose store (default: calculator-<shard>)")
        parser.add_argument("--snapshot", type=int, metavar="ID", help="which one (default: the newest good one)")
        parser.add_argument("--list", action="store_true", help="only list the snapshots there are")

    def handle(self, *args: Any, **options: Any) -> None:
        shard, shards = options["shard"], settings.CONFIG.log.shards
        if not 0 <= shard < shards:
            raise Mistake(f"--shard: there is no shard {shard}; the log has {shards}, counted from 0")
        if options["list"]:
            return self._list(shard)
        name = options["name"] or f"calculator-{shard}"
        return self._restore(shard, name, self._choices(shard, options["snapshot"]))

    def _list(self, shard: int) -> None:
        for one in SnapshotRecord.objects.filter(shard=shard):
            state = f"bad: {one.bad}" if one.bad else "good"
            taken = one.created_at.isoformat(timespec="seconds")
            self.stdout.write(f"{one.pk:>6}  {taken}  {one}, {one.events} events, {one.bytes} bytes  {state}")

    def _choices(self, shard: int, number: int | None) -> list[Candidate]:
        if number is None:
            if not (found := candidates(shard)):
                raise Mistake(f"There is no good snapshot of shard {shard}; `snapshot` takes one.")
            return found
        record = SnapshotRecord.objects.filter(shard=shard, pk=number).first()
        if record is None:
            raise Mistake(f"--snapshot: shard {shard} has no snapshot {number}; --list shows them")
        if record.bad:
            raise Mistake(f"--snapshot: snapshot {number} is bad: {record.bad}")
        return [candidate_of(record)]

    def _restore(self, shard: int, name: str, choices: list[Candidate]) -> None:
        path = store_path(name)
        if held(path):
            raise Mistake(f"{name} is running: stop it before its store {path} is replaced.")
        arriving = path.with_name(f"{path.name}.new")
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(f"shard {shard}", total=choices[0].bytes or None)
            history = History.from_settings(get_log())
            taken = restore_first(choices, arriving, history, progress=lambda size: bar.advance(task, size))
        if taken is None:
            raise CommandError("No snapshot could be restored; the lines above say why.")
        aside = set_aside(path) if path.exists() else None
        arriving.replace(path)
        kept = f"; the store before it is kept as {aside}" if aside else ""
        self.stdout.write(f"{name} now stands on {taken}{kept}")
