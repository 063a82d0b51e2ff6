"""The private door: a calculator answers named questions over HTTP on loopback, to our own processes alone."""

import asyncio
import functools
import hmac
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from typing import Any

import duckdb
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from views_engine.calculator import answers, metrics
from views_engine.calculator.changes import Changes, line_of
from views_engine.calculator.files import copy
from views_engine.calculator.mirrored import At, Mirrored
from views_engine.calculator.queries import BadQuestion
from views_engine.calculator.store import Store
from views_engine.calculator.wire import (
    Receive,
    Refused,
    Scope,
    Send,
    answer,
    begin_stream,
    disconnected,
    read_all,
    send_chunk,
)

ARROW = "application/vnd.apache.arrow.stream"
CHUNK = 1 << 20
MOST_IN_MEMORY = 8 << 20
KEEP_ALIVE_S = 5
MOST_WAITING_LINES = 1_000


class Door:
    """The ASGI application. Questions run on threads, each with a connection of its own.

    `on_error` hears, on such a thread, of every error of the store. `mirrored` is told by the mirror of this process.
    """

    def __init__(
        self,
        *,
        store: Store,
        changes: Changes,
        secret: str,
        threads: int = 4,
        patience_s: float = 2,
        on_error: Callable[[duckdb.Error], None] = lambda error: None,
    ) -> None:
        self.store, self.changes, self.secret, self.patience_s = store, changes, secret, patience_s
        self.mirrored = Mirrored()
        self._on_error = on_error
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="door")
        self._own = threading.local()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            await self._answer(scope, receive, send)
        except Refused as refused:
            await answer(send, answers.to_json({"reason": refused.reason}), status=refused.status)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        method, path = scope["method"], scope["path"]
        if (method, path) == ("GET", "/healthz"):
            return await answer(send, b'{"status": "ok"}')
        if not hmac.compare_digest(headers.get("authorization", ""), f"Bearer {self.secret}"):
            raise Refused(HTTPStatus.UNAUTHORIZED, "this door is for our own processes")
        if method == "POST" and path.startswith("/query/"):
            return await self._query(path.removeprefix("/query/"), headers, receive, send)
        if (method, path) == ("POST", "/queries"):
            return await self._queries(receive, send)
        if (method, path) == ("POST", "/mirrored"):
            return await self._mirrored(receive, send)
        if (method, path) == ("GET", "/changes"):
            return await self._changes(receive, send)
        if (method, path) == ("GET", "/snapshot"):
            return await self._snapshot(send)
        if (method, path) == ("GET", "/metrics"):
            return await answer(send, generate_latest(), content_type=CONTENT_TYPE_LATEST)
        raise Refused(HTTPStatus.NOT_FOUND, f"no such door: {method} {path}")

    async def _query(self, name: str, headers: dict[str, str], receive: Receive, send: Send) -> None:
        parameters = answers.read_body(await read_all(receive))
        at_least = parameters.pop("at_least", None)
        if at_least is not None:
            await self._wait_for(at_least)
        with metrics.QUERY_SECONDS.labels(name if name in answers.NAMES else "unknown").time():
            try:
                if headers.get("accept") == ARROW:
                    await self._stream(name, parameters, send)
                else:
                    await answer(send, await self._in_thread(answers.rows, name, parameters))
            except KeyError:
                raise Refused(HTTPStatus.NOT_FOUND, f"no such question: {name}") from None
            except BadQuestion as bad:
                raise Refused(HTTPStatus.BAD_REQUEST, str(bad)) from bad

    async def _stream(self, name: str, parameters: dict[str, Any], send: Send) -> None:
        """Answers by way of a file: neither the memory nor the store's transaction waits for a slow reader."""
        with SpooledTemporaryFile(max_size=MOST_IN_MEMORY) as file:
            standing = await self._in_thread(answers.arrow, name, parameters, file)
            version = answers.to_json(answers.version_of(standing))
            file.seek(0)
            await begin_stream(send, ARROW.encode(), [(b"x-view-version", version)])
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                await send_chunk(send, chunk)
            await send({"type": "http.response.body", "body": b""})

    async def _queries(self, receive: Receive, send: Send) -> None:
        """Several questions at once, `{"queries": [{"name", "params"}…], "at_least"?}`, answered from one moment."""
        asked = answers.read_body(await read_all(receive))
        if asked.get("at_least") is not None:
            await self._wait_for(asked["at_least"])
        try:
            with metrics.QUERY_SECONDS.labels("several").time():
                await answer(send, await self._in_thread(answers.together, asked["queries"]))
        except KeyError as unknown:
            raise Refused(HTTPStatus.NOT_FOUND, f"no such question: {unknown}") from None
        except BadQuestion as bad:
            raise Refused(HTTPStatus.BAD_REQUEST, str(bad)) from bad

    async def _mirrored(self, receive: Receive, send: Send) -> None:
        """Waits until alert records follow all that the views say now, and says how far they are.

        Asked with `{"at_least"?, "patience_s"?}`.
        """
        asked = answers.read_body(await read_all(receive))
        if asked.get("at_least") is not None:
            await self._wait_for(asked["at_least"])
        patience_s = min(self.patience_s, asked.get("patience_s", self.patience_s))
        at = await self._all_mirrored(asyncio.get_running_loop().time() + patience_s)
        await answer(send, answers.to_json({"version": at._asdict()}))

    async def _all_mirrored(self, deadline: float) -> At:
        standing = self.store.standing
        while (at := self.mirrored.at) is None or not at.reaches(At(standing.epoch, standing.position)):
            if asyncio.get_running_loop().time() > deadline:
                raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "the alerts have not been brought up to date yet")
            self.mirrored.wanted.set()
            await asyncio.sleep(0.01)
        return at

    async def _wait_for(self, at_least: dict[str, int]) -> None:
        """Holds the question back until this store has reached a version that the client has already seen."""
        deadline = asyncio.get_running_loop().time() + self.patience_s
        while not answers.reached(self.store.standing, at_least):
            if asyncio.get_running_loop().time() > deadline:
                raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "this calculator has not reached that version yet")
            await asyncio.sleep(0.02)

    async def _changes(self, receive: Receive, send: Send) -> None:
        lines: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING_LINES)
        loop = asyncio.get_running_loop()
        stop = self.changes.listen(lambda line: _hand_over(loop, lines, line))
        gone = asyncio.ensure_future(disconnected(receive))
        try:
            await begin_stream(send, b"application/x-ndjson")
            await send_chunk(send, line_of(self.store.standing, [], [], [0, 0, 0]))
            async for line in _lines(lines, gone):
                await send_chunk(send, line)
            await send({"type": "http.response.body", "body": b""})
        finally:
            stop()
            gone.cancel()

    async def _snapshot(self, send: Send) -> None:
        with TemporaryDirectory(prefix="snapshot-") as folder:
            target = Path(folder) / "views.duckdb"
            await self._in_thread(_copy, target)
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [(b"content-type", b"application/octet-stream")],
                }
            )
            with target.open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, CHUNK):
                    await send_chunk(send, chunk)
            await send({"type": "http.response.body", "body": b""})

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        call = functools.partial(self._on_own_connection, work, *arguments)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _on_own_connection(self, work: Callable[..., Any], *arguments: Any) -> Any:
        if not hasattr(self._own, "connection"):
            self._own.connection = self.store.reader()
        connection: duckdb.DuckDBPyConnection = self._own.connection
        try:
            connection.execute("BEGIN")
            return work(connection, *arguments)
        except duckdb.Error as error:
            self._on_error(error)
            raise
        finally:
            with suppress(duckdb.Error):  # a fatal error has ended the transaction already
                connection.execute("ROLLBACK")


def _copy(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    connection.execute("ROLLBACK")
    try:
        copy(connection, target)
    finally:
        connection.execute("BEGIN")


def _hand_over(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[bytes], line: bytes) -> None:
    def put() -> None:
        # A listener that does not keep up is cut off when its queue is full; it comes back and fetches afresh.
        if lines.full():
            lines.get_nowait()
            line_or_end = b""
        else:
            line_or_end = line
        lines.put_nowait(line_or_end)

    loop.call_soon_threadsafe(put)


async def _lines(lines: asyncio.Queue[bytes], gone: asyncio.Future[None]) -> AsyncIterator[bytes]:
    while not gone.done():
        try:
            line = await asyncio.wait_for(lines.get(), KEEP_ALIVE_S)
        except TimeoutError:
            line = b"\n"
        if not line:
            return
        yield line
