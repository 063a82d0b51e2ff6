"""`demo`: a fleet of devices and every process, at one address."""

import logging
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from blackboard.loop import Loop
from commandline import base
from commandline.base import Mistake
from iotproject import demonstration, metrics, migrating, server
from iotproject.programs import programs
from iotproject.stack import LOOK_S, AlreadyRunning, Stack, sole

FLEETS = ("", "campusiot", "capmetro")


class Command(base.Command):
    help = "Shows the system with a fleet of simulated devices; Ctrl-C ends every process."
    requires_system_checks = ()  # the children check

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.CONFIG.server.host)
        parser.add_argument("--port", type=int, default=settings.CONFIG.server.port)
        parser.add_argument("--fleet", choices=FLEETS, default="", help="replay recorded data instead")

    def handle(self, *args: Any, host: str, port: int, fleet: str, **options: Any) -> None:
        for ours in ("iotproject", "blackboard"):
            logging.getLogger(ours).setLevel(logging.WARNING)
        try:
            with sole(settings.DATA_DIR), server.listen(host, port) as listener:
                metrics.forget(settings.DATA_DIR)
                self._run(f"http://{host}:{port}/", listener.fileno(), host, fleet)
        except (AlreadyRunning, server.AddressTaken) as error:
            raise Mistake(str(error)) from None

    def _run(self, url: str, listener: int, host: str, fleet: str) -> None:
        self._say("Preparing the database …")
        migrating.bring_up_to_date()
        login = demonstration.demo_login(settings.DATA_DIR, host=host)
        shards = settings.CONFIG.log.shards
        first_time = demonstration.nothing_sent_yet(shards)
        demonstration.rules(fleet)
        connections.close_all()
        self._say("Starting every process …")
        log = settings.DATA_DIR / "demo.log"
        log.unlink(missing_ok=True)
        everything = [
            *programs(shards=shards, replicas=settings.CONFIG.calculator.replicas, listener=listener),
            demonstration.simulator(fleet, first_time=first_time),
        ]
        demonstration.when_it_answers(f"{url}login/", lambda well: self._welcome(well, url, login, log))
        Loop(Stack(everything, output=log), idle_s=LOOK_S).run()
        self._say("Everything is stopped.")

    def _welcome(self, well: bool, url: str, login: tuple[str, str], log: Path) -> None:
        if well:
            self.stdout.write(f"\n  {url}   log in as {login[0]} with password {login[1]}\n\n")
            self._say(f"Ctrl-C stops everything. What the processes say is in {log}.")
        else:
            self._say(f"The first page does not answer yet; {log} may say why.")

    def _say(self, sentence: str) -> None:
        self.stderr.write(sentence, lambda text: text)
