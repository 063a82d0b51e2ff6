"""Makes views again from the events that calculators hold, beside the live ones."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress

from commandline import base
from commandline.base import Mistake
from views_engine.calculator.rebuild import NoSuchUnit
from views_engine.calculator.store import StoreUnusable
from views_engine.rebuilding import Failed, rebuild_shard


class Command(base.Command):
    help = "Makes views again from all events, beside the live ones, and swaps them in whole; status 1 if it fails."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--unit", action="append", default=[], metavar="NAME", help="only this one; may be repeated"
        )
        parser.add_argument("--shard", type=int, help="only this shard (default: all)")

    def handle(self, *args: Any, unit: list[str], shard: int | None, **options: Any) -> None:
        shards = settings.CONFIG.log.shards
        if shard is not None and not 0 <= shard < shards:
            raise Mistake(f"--shard: there is no shard {shard}; the log has {shards}, counted from 0")
        for each in range(shards) if shard is None else [shard]:
            self._rebuild(each, unit)

    def _rebuild(self, shard: int, units: list[str]) -> None:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            tasks = {}

            def tell(name: str, done: int, events: int) -> None:
                if name not in tasks:
                    tasks[name] = bar.add_task(name)
                bar.update(tasks[name], completed=done, total=events or None)

            try:
                names = rebuild_shard(shard, units, tell=tell)
            except (NoSuchUnit, StoreUnusable) as error:
                raise Mistake(f"{error}.") from error
            except Failed as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"shard {shard}: {', '.join(units) or 'every view'} made again by {', '.join(names)}")
