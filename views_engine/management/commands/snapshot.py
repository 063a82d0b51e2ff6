"""Takes a verified copy of view stores into object storage, now."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress

from commandline import base
from commandline.base import Mistake
from views_engine.snapshots.taking import TROUBLE, NoSource, take


class Command(base.Command):
    help = "Takes a snapshot of a shard's views: from a running calculator, or from the file while nothing runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shard", type=int, help="only this shard (default: all)")

    def handle(self, *args: Any, shard: int | None, **options: Any) -> None:
        shards = settings.CONFIG.log.shards
        if shard is not None and not 0 <= shard < shards:
            raise Mistake(f"--shard: there is no shard {shard}; the log has {shards}, counted from 0")
        for each in range(shards) if shard is None else [shard]:
            self._take(each)

    def _take(self, shard: int) -> None:
        try:
            with Progress(console=Console(stderr=True), transient=True) as bar:
                task = bar.add_task(f"shard {shard}", total=4)
                record = take(
                    shard, tell=lambda what: bar.update(task, advance=1, description=f"shard {shard}: {what}")
                )
        except NoSource as error:
            raise Mistake(str(error)) from error
        except TROUBLE as error:
            raise CommandError(f"shard {shard}: {error}") from error
        if record is None:
            self.stdout.write(f"shard {shard}: there is a snapshot of this position already")
        else:
            self.stdout.write(f"{record.pk}  {record}, {record.events} events, {record.bytes} bytes, in {record.path}")
