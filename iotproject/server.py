"""The web server of one process: uvicorn on a socket that is already bound."""

import errno
import signal
import socket
import sys

import uvicorn

BACKLOG = 2048
GRACE_S = 2
"""So long open requests and sockets may go on after the signal to stop."""


class AddressTaken(Exception):
    """The address cannot be listened on; the message says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A bound, listening socket; raises `AddressTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise AddressTaken(_why(host, port, error)) from None
    listener.listen(BACKLOG)
    return listener


def _why(host: str, port: int, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is already in use: stop what uses it, or choose another with --port."
    return f"Cannot listen on {host} port {port}: {str(error).rstrip('.')}."


def serve(listener: socket.socket) -> None:
    """Serves until SIGTERM or SIGINT; then the process ends with status 0."""
    from iotproject.protocol import GuardedProtocol

    # uvicorn raises the signal again when it is done, for whoever handled it before.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    config = uvicorn.Config(
        "iotproject.asgi:application",
        loop="uvloop",
        http=GuardedProtocol,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    uvicorn.Server(config).run(sockets=[listener])
