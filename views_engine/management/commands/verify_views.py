"""Recomputes every view from the raw log with an independent fold and says what differs."""

from collections import Counter
from functools import partial
from typing import Any

import duckdb
from django.conf import settings
from django.core.management.base import CommandParser
from rich.console import Console
from rich.progress import Progress

from commandline import base
from commandline.base import Mistake
from events.log import get_log
from events.log.base import Topic
from views_engine.verify.check import Incomplete, check, unhindered
from views_engine.verify.compare import Difference
from views_engine.verify.digest import digests
from views_engine.verify.facts import facts, said
from views_engine.verify.stores import NoStore, copy_of


class Command(base.Command):
    help = "Recomputes everything from the raw log with an independent fold, says what differs; status 1 if anything."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--most", type=int, default=20, help="differences to print for each view (default: 20)")
        parser.add_argument("--digest", action="store_true", help="also print a digest of every view")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = sum((self._shard(shard, options) for shard in range(settings.CONFIG.log.shards)), Counter())
        except (NoStore, Incomplete) as error:
            raise Mistake(str(error)) from error
        except duckdb.Error as error:
            raise Mistake(f"A view store is damaged, delete it and it is rebuilt from the log: {error}") from error
        if found:
            raise SystemExit(1)

    def _shard(self, shard: int, options: dict[str, Any]) -> Counter[str]:
        log = get_log()
        with copy_of(shard) as store, unhindered(), Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(f"shard {shard}", total=2 * log.head(Topic.RAW, shard).events)
            found: Counter[str] = Counter()
            known = facts(shard)
            for difference in check(
                log=log,
                shard=shard,
                store=store,
                facts=known,
                progress=lambda events: bar.advance(task, events),
                said=partial(said, shard),
            ):
                found[difference.view] += 1
                if found[difference.view] <= options["most"]:
                    self.stdout.write(line_of(difference))
            if options["digest"]:
                for title, digest in digests(store).items():
                    self.stdout.write(f"{digest}  {title}")
        self._summary(shard, found)
        return found

    def _summary(self, shard: int, found: Counter[str]) -> None:
        if not found:
            self.stdout.write(f"shard {shard}: every view equals the fold of the raw log")
        for view, count in found.items():
            self.stdout.write(f"shard {shard}: {count} differences in {view}")


def line_of(difference: Difference) -> str:
    view, key, field, expected, found = difference
    return f"{view}  {key}  {field}: expected {expected!r}, found {found!r}"
