"""The one address for people and devices: what goes to the event loop, and what to Django's threads.

`POST /api/v1/events` and the sockets are served in the event loop; pages and the rest of the API run in the WSGI
application, in threads. The life span starts and stops the feed of the live dashboards.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iotproject.settings")

from iotproject.wsgi import application as pages  # isort: skip  # sets Django up; what follows needs that

from typing import Any, cast

from a2wsgi import WSGIMiddleware
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.conf import settings
from django.urls import re_path

from events.ingest import Ingest
from iotproject.deadlines import Deadline, Receive, Scope, Send, whole_body
from views_engine.dashboard import feed
from views_engine.dashboard.routing import websocket_urlpatterns

EVENTS = "/api/v1/events"
THREADS = 8
"""Requests that Django answers at the same time; each is a thread with a database connection of its own."""


class Application:
    """Routes by protocol, and the one hot path by hand."""

    def __init__(self) -> None:
        timeout_s = settings.CONFIG.server.body_timeout_s
        self.events = Deadline(Ingest.from_settings(), timeout_s=timeout_s)
        threads: Any = WSGIMiddleware(cast(Any, pages), workers=THREADS)
        self.pages = whole_body(
            threads,
            timeout_s=timeout_s,
            max_bytes=settings.CONFIG.ingest.max_unpacked_bytes,
        )
        self.sockets = AuthMiddlewareStack(URLRouter([*websocket_urlpatterns, re_path("", refuse)]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await life_span(receive, send)
        elif scope["type"] == "websocket":
            await self.sockets(scope, receive, send)
        elif scope["path"] == EVENTS and scope["method"] == "POST":
            await self.events(scope, receive, send)
        else:
            await self.pages(scope, receive, send)


async def refuse(scope: Scope, receive: Receive, send: Send) -> Any:
    """There is no socket here; closed before it is accepted, the client hears 403."""
    await send({"type": "websocket.close"})


async def life_span(receive: Receive, send: Send) -> None:
    await receive()
    await feed.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await feed.stop()
    await send({"type": "lifespan.shutdown.complete"})


application = Application()
