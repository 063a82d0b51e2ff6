"""Serves a door on a loopback port of its own, on a thread of its own."""

import threading

import uvicorn

from views_engine.calculator.serving import Door


class DoorServer:
    """`address` is where our own processes find the door once it was started."""

    def __init__(self, door: Door, host: str = "127.0.0.1") -> None:
        config = uvicorn.Config(
            door, host=host, port=0, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._changes = door.changes
        self._socket = config.bind_socket()
        # From now on whoever knocks is let in, if only once the thread has started.
        self._socket.listen()
        self.address = f"http://{host}:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, name="door-server", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the feeds, which never end by themselves, and then the server."""
        self._changes.close()
        self._server.should_exit = True
        self._thread.join(timeout=5)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])
