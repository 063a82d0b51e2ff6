"""Our side of the private door: one calculator's reads over HTTP, with connections kept alive between them."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import orjson
import pyarrow as pa

from views_engine.reading.versions import Position, from_door

ARROW = "application/vnd.apache.arrow.stream"
CONNECT_S = 1.0
Params = Mapping[str, Any]


class DoorFailed(Exception):
    """The calculator did not answer, or not now; another one, or the same a little later, may."""


class DoorSilent(DoorFailed):
    """The calculator was asked and said nothing for a while. It may be at work, or stopped: is it live still?"""


class BadQuery(ValueError):
    """The calculator understood the query and refused it; asking again would not help."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Rows of one shard, equal to the events named by `version`; `clock` is its receive clock in milliseconds."""

    version: Position
    clock: int
    rows: list[dict[str, Any]]


class Batches:
    """Arrow batches of one shard as they arrive; holds one of them at a time. `close` may be called early."""

    def __init__(self, response: httpx.Response, closing: ExitStack) -> None:
        self._closing = closing
        self.version = from_door(orjson.loads(response.headers["x-view-version"]))
        self._reader = pa.ipc.open_stream(pa.PythonFile(_Body(response), mode="r"))
        self.schema: pa.Schema = self._reader.schema

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        with self._closing:
            yield from self._reader

    def close(self) -> None:
        self._closing.close()


class Door:
    """Asks calculators by address (`host:port`); may be used by many threads.

    The first time an answer is waited for no longer than `quick_s`: then it is time to ask who is live. Who is asked
    again nevertheless has until `timeout_s`.
    """

    def __init__(self, secret: str, *, quick_s: float = 3.0, timeout_s: float = 60.0) -> None:
        self._quick_s, self._timeout_s = quick_s, timeout_s
        self._silent: set[str] = set()
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {secret}"},
            timeout=httpx.Timeout(timeout_s, connect=CONNECT_S),
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
            trust_env=False,
        )

    def together(
        self, address: str, queries: Sequence[tuple[str, Params]], *, at_least: Mapping[str, int] | None = None
    ) -> list[Reply]:
        """The rows of several named queries, all from one moment; raises `DoorFailed` or `BadQuery`."""
        asked = [{"name": name, "params": params} for name, params in queries]
        answer = self._ask(address, "/queries", {"queries": asked, "at_least": at_least})
        version, clock = from_door(answer["version"]), int(answer["clock"])
        return [Reply(version, clock, rows) for rows in answer["answers"]]

    def mirrored(self, address: str, *, at_least: Mapping[str, int] | None, patience_s: float) -> Position:
        """How far the alert records follow, at least all that the views say now; raises `DoorFailed`."""
        asked = {"at_least": at_least, "patience_s": patience_s}
        return from_door(self._ask(address, "/mirrored", asked, wait_s=patience_s)["version"])

    def stream(self, address: str, name: str, params: Params) -> Batches:
        """The rows of a named query as Arrow batches; raises `DoorFailed` or `BadQuery` before the first one."""
        with ExitStack() as stack:
            response = self._open(stack, address, name, params)
            _check(response)
            try:
                return Batches(response, stack.pop_all())
            except (pa.ArrowInvalid, httpx.HTTPError) as error:
                raise DoorFailed(f"{type(error).__name__} at {address}") from error

    def snapshot(self, address: str, target: Path) -> None:
        """Writes a consistent copy of the calculator's store to `target`; raises `DoorFailed`."""
        try:
            with self._client.stream("GET", _url(address, "/snapshot")) as response, target.open("wb") as file:
                if response.status_code != httpx.codes.OK:
                    response.read()
                _check(response)
                for chunk in response.iter_raw(1 << 20):
                    file.write(chunk)
        except httpx.HTTPError as error:
            raise DoorFailed(f"{type(error).__name__} at {address}") from error

    def _ask(self, address: str, path: str, body: Params, *, wait_s: float = 0) -> dict[str, Any]:
        with self._patience(address) as timeout_s:
            timeout = httpx.Timeout(timeout_s + wait_s, connect=CONNECT_S)
            response = self._client.post(_url(address, path), content=orjson.dumps(body), timeout=timeout)
        _check(response)
        # Sums may go beyond 64 bits, where orjson would make doubles of them.
        return cast(dict[str, Any], msgspec.json.decode(response.content))

    def _open(self, stack: ExitStack, address: str, name: str, params: Params) -> httpx.Response:
        with self._patience(address) as timeout_s:
            request = self._client.stream(
                "POST",
                _url(address, f"/query/{name}"),
                content=orjson.dumps(params),
                headers={"Accept": ARROW},
                timeout=httpx.Timeout(timeout_s, connect=CONNECT_S),
            )
            response = stack.enter_context(request)
            if response.status_code != httpx.codes.OK:
                response.read()
        return response

    @contextmanager
    def _patience(self, address: str) -> Iterator[float]:
        """How long to wait for an answer from there; raises `DoorSilent` or `DoorFailed`."""
        quick = address not in self._silent
        try:
            yield self._quick_s if quick else self._timeout_s
        except httpx.ReadTimeout as error:
            self._silent.add(address)
            raise (DoorSilent if quick else DoorFailed)(f"no answer from {address}") from error
        except httpx.HTTPError as error:
            raise DoorFailed(f"{type(error).__name__} at {address}") from error
        self._silent.discard(address)

    def close(self) -> None:
        self._client.close()


class _Body(io.RawIOBase):
    """A response's body as a file that is read as it arrives."""

    def __init__(self, response: httpx.Response) -> None:
        self._chunks = response.iter_raw(1 << 20)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        count = min(len(view), len(self._rest))
        view[:count], self._rest = self._rest[:count], self._rest[count:]
        return count

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes, fewer only at the end; Arrow counts on it."""
        parts: list[bytes] = []
        missing = size
        while missing != 0:
            chunk = self._take(missing)
            if not chunk:
                break
            parts.append(chunk)
            missing -= len(chunk) if size >= 0 else 0
        return b"".join(parts)

    def _take(self, most: int) -> bytes:
        chunk = self._rest or next(self._chunks, b"")
        if most < 0 or len(chunk) <= most:
            self._rest = b""
            return chunk
        self._rest = chunk[most:]
        return chunk[:most]


def _url(address: str, path: str) -> str:
    return f"{address}{path}" if address.startswith("http") else f"http://{address}{path}"


def _check(response: httpx.Response) -> None:
    if response.status_code == httpx.codes.OK:
        return
    reason = _reason(response)
    if response.status_code == httpx.codes.BAD_REQUEST:
        raise BadQuery(reason)
    raise DoorFailed(reason)


def _reason(response: httpx.Response) -> str:
    try:
        return cast(str, orjson.loads(response.content)["reason"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {response.status_code}"
