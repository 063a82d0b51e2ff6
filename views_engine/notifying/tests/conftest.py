"""Somebody else's server, as bad as it gets, and alerts to tell of."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from views_engine.notifying.models import Channel

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Alert:
    """What the outbox asks of an alert."""

    pk: int = 7
    rule_id: int = 3
    rule_name: str = "Too hot"
    device_id: str = "meter-1"
    severity: str = "critical"
    state: str = "open"
    started_at: datetime = NOW
    raised_at: datetime = NOW
    cleared_at: datetime | None = None
    value: float | None = 31.5


@dataclass
class Revision:
    """And of a revision."""

    revision: int = 1
    change: str = "raised"
    epoch: int = 4
    late: bool = False
    cause: Any = None


@dataclass
class Server:
    """Answers `status`, after `hang_s`, sending the reader to `location`; remembers what it was asked."""

    url: str = ""
    status: int = 200
    answer: bytes = b"ok"
    location: str = ""
    hang_s: float = 0.0
    endless: bool = False
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    going: bool = True


class Quiet(ThreadingHTTPServer):
    """Has nothing to say of clients that hang up."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()
    listening = Quiet(("127.0.0.1", 0), _handler(state))
    state.url = f"http://127.0.0.1:{listening.server_port}/hook"
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield state
    state.going = False
    listening.shutdown()
    listening.server_close()


def _handler(state: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append((dict(self.headers.items()), body))
            _wait(state)
            self.send_response(state.status)
            if state.location:
                self.send_header("Location", state.location)
            self.end_headers()
            self.wfile.write(state.answer)
            while state.endless and state.going:
                self.wfile.write(b"x" * 65536)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler


def _wait(state: Server) -> None:
    end = time.monotonic() + state.hang_s
    while state.going and time.monotonic() < end:
        time.sleep(0.01)


@dataclass
class Broker:
    """A Celery app that only remembers what it was asked."""

    asked: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    away: bool = False

    def send_task(self, name: str, args: tuple[Any, ...], **options: Any) -> None:
        if self.away:
            raise ConnectionRefusedError("Connection refused")
        self.asked.append((name, args))


broker = Broker()


@pytest.fixture(autouse=True)
def queue(settings: Any) -> Broker:
    """The queue of this test."""
    settings.TASKS_APP = f"{__name__}.broker"
    broker.asked, broker.away = [], False
    return broker


@pytest.fixture
def configure(settings: Any) -> Callable[..., None]:
    """Changes the section `notifying` of the settings for this test."""

    def change(**keys: Any) -> None:
        section = settings.CONFIG.notifying.model_copy(update=keys)
        settings.CONFIG = settings.CONFIG.model_copy(update={"notifying": section})

    return change


@pytest.fixture
def webhook(db: None, server: Server, configure: Callable[..., None]) -> Channel:
    configure(allow_private=True)
    return Channel.objects.create(name="hook", kind="webhook", target={"url": server.url}, secret="s" * 20)
