"""`run_stack`: migrates, then runs every process of ours, supervised."""

from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from blackboard.loop import Loop
from commandline import base
from commandline.base import Mistake
from iotproject import metrics, migrating, server
from iotproject.programs import KINDS, programs
from iotproject.stack import LOOK_S, AlreadyRunning, Errand, Stack, sole


class Command(base.Command):
    help = "Migrates the database and runs every process, supervised, until SIGTERM or Ctrl-C."
    requires_system_checks = ()  # the children check; the supervisor stays small

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.CONFIG.server.host)
        parser.add_argument("--port", type=int, default=settings.CONFIG.server.port)
        parser.add_argument("--until-idle", action="store_true", help="calculate all there is, then end")
        parser.add_argument(
            "--only", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND", help=", ".join(KINDS)
        )

    def handle(self, *args: Any, host: str, port: int, until_idle: bool, only: list[str], **options: Any) -> None:
        try:
            with sole(settings.DATA_DIR):
                self._prepare()
                if until_idle:
                    self._finish()
                else:
                    self._serve(host, port, only)
        except (AlreadyRunning, server.AddressTaken) as error:
            raise Mistake(str(error)) from None

    def _prepare(self) -> None:
        metrics.forget(settings.DATA_DIR)
        migrating.bring_up_to_date()

    def _serve(self, host: str, port: int, only: list[str]) -> None:
        listener = server.listen(host, port) if "web" in only else None
        with_web = listener.fileno() if listener else None
        Loop(Stack(programs(**_size(), only=only, listener=with_web)), idle_s=LOOK_S).run()

    def _finish(self) -> None:
        for kind in ("reformer", "calculator", "controller"):
            made = programs(**_size(), only=[kind])
            errand = Errand([replace(one, arguments=(*one.arguments, "--until-idle")) for one in made])
            Loop(errand, idle_s=0, until_idle=True, idle_rounds=1).run()
            if failed := errand.failed():
                raise CommandError(f"{', '.join(failed)} did not finish; the log above says why.")


def _size() -> dict[str, int]:
    return {"shards": settings.CONFIG.log.shards, "replicas": settings.CONFIG.calculator.replicas}
