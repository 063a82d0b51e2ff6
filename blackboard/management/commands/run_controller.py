"""`run_controller`: gives roles to calculators."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from blackboard.controller import Controller
from blackboard.loop import Loop
from commandline import base


class Command(base.Command):
    help = "Watches the calculators and decides who is live for each shard."
    requires_system_checks = ()  # a small process: checking the addresses would load every page

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--until-idle", action="store_true", help="end when nothing is left to decide")

    def handle(self, *args: Any, until_idle: bool, **options: Any) -> None:
        Loop(Controller(), idle_s=settings.CONFIG.board.decide_interval_s, until_idle=until_idle).run()
