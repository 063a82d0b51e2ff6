"""Runs one calculator: keeps the views of one shard, and answers for them at its private door."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from commandline import base
from commandline.base import Mistake
from views_engine.calculator.damage import StoreDamaged
from views_engine.calculator.files import HELD
from views_engine.calculator.process import run
from views_engine.calculator.store import StoreUnusable


class Command(base.Command):
    help = "Runs one calculator: keeps the views of one shard, and answers for them at its private door."
    requires_system_checks = ()  # it has to serve soon: checking the addresses would load every page

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shard", type=int, default=0, help="the shard whose views it keeps (default: 0)")
        parser.add_argument("--name", default="", help="its name, and that of its store (default: calculator-<shard>)")
        parser.add_argument("--until-idle", action="store_true", help="end when everything in the log was taken in")

    def handle(self, *args: Any, **options: Any) -> None:
        shard, shards = options["shard"], settings.CONFIG.log.shards
        if not 0 <= shard < shards:
            raise Mistake(f"--shard: there is no shard {shard}; the log has {shards}, counted from 0")
        try:
            run(shard=shard, name=options["name"] or f"calculator-{shard}", until_idle=options["until_idle"])
        except StoreUnusable as error:
            running = "; is this calculator running already?" if HELD in str(error) else ""
            raise Mistake(f"{error}{running}") from error
        except StoreDamaged as error:
            raise CommandError(str(error)) from error
