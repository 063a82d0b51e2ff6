"""`run_reformer`: the raw log becomes the ordered log."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from blackboard.loop import Loop
from commandline import base
from commandline.base import Mistake
from events.log.base import Fenced
from events.reformer.wiring import reformers


class Command(base.Command):
    help = "Reads the raw log and writes the ordered log: one process, all shards or one of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shard", type=int, help="only this shard (default: all)")
        parser.add_argument("--until-idle", action="store_true", help="end when there is nothing left to do")

    def handle(self, *args: Any, shard: int | None, until_idle: bool, **options: Any) -> None:
        shards = settings.CONFIG.log.shards
        if shard is not None and not 0 <= shard < shards:
            raise Mistake(f"--shard {shard}: the log has the shards 0 to {shards - 1}")
        worker = reformers(shard, linger=not until_idle)
        try:
            Loop(worker, idle_s=0.02, until_idle=until_idle).run()
        except Fenced as error:
            raise CommandError(f"{error}: only one process may write a shard, this one stops") from error
        if until_idle and worker.trouble:
            raise CommandError(worker.trouble)
