"""`run_web`: the web address: pages, API, sockets and the door for events."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from commandline import base
from commandline.base import Mistake
from iotproject import server


class Command(base.Command):
    help = "Serves pages, the API, the sockets and the door for events at one address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.CONFIG.server.host)
        parser.add_argument("--port", type=int, default=settings.CONFIG.server.port)
        parser.add_argument("--fd", type=int, help="a listening socket inherited from the supervisor")

    def handle(self, *args: Any, host: str, port: int, fd: int | None, **options: Any) -> None:
        try:
            listener = _inherited(fd) if fd is not None else server.listen(host, port)
        except server.AddressTaken as error:
            raise Mistake(str(error)) from None
        server.serve(listener)


def _inherited(fd: int) -> socket.socket:
    try:
        return socket.socket(fileno=fd)
    except OSError as error:
        raise Mistake(f"--fd {fd} is no listening socket: {error.strerror}.") from None
