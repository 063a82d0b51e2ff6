"""Where simulated events go: into the log, over HTTP, or into a file."""

import gzip
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import httpx

from events.importing.appending import MOST_LINES
from events.log.base import Entry, Log, Topic, shard_of
from events.records import Source, raw_entry

RETRY_S = 2.0
_DEVICE = slice(len('{"device_id":"'), None)


class SinkFailed(Exception):
    """The events cannot be delivered; the message is one sentence."""


class Sink(Protocol):
    """Takes lines in order of arrival. `refused` counts those that were not accepted."""

    refused: int

    def send(self, received: int, lines: list[bytes]) -> None: ...

    def close(self) -> None: ...


class LogSink:
    """Straight into the raw log of this machine; the lines carry their receive times."""

    refused = 0

    def __init__(self, log: Log) -> None:
        self._log = log

    def send(self, received: int, lines: list[bytes]) -> None:
        shards: dict[int, list[bytes]] = {}
        for line in lines:
            shards.setdefault(self._shard(line), []).append(line)
        entries = [entry for shard, some in shards.items() for entry in _entries(some, shard, received)]
        self._log.append(Topic.RAW, entries)

    def close(self) -> None:
        return None

    def _shard(self, line: bytes) -> int:
        if self._log.shards == 1:
            return 0
        return shard_of(line[_DEVICE].partition(b'"')[0].decode(), self._log.shards)


class HttpSink:
    """`POST /api/v1/events`, gzipped; waits and tries again while the door is busy or away."""

    def __init__(self, url: str, token: str, *, pause: Callable[[float], object] = time.sleep) -> None:
        self._url = f"{url.rstrip('/')}/api/v1/events"
        self._pause = pause
        self._client = httpx.Client(
            timeout=30,
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/x-ndjson",
                "Content-Encoding": "gzip",
            },
        )
        self.refused = 0

    def send(self, received: int, lines: list[bytes]) -> None:
        """Raises `SinkFailed` when the door says that it will never take this, or a pause says that it is over."""
        body = gzip.compress(b"\n".join(lines), compresslevel=1)
        while (answer := self._post(body)) is None or answer.status_code in (429, 502, 503):
            wait = answer.headers.get("retry-after", "") if answer is not None else ""
            if self._pause(float(wait) if wait.isdigit() else RETRY_S) is True:
                raise SinkFailed(f"{self._url} took no events until the end.")
        if answer.status_code == 202:
            self.refused += answer.json()["refused"]
        elif answer.status_code == 422:
            self.refused += len(lines)
        else:
            raise SinkFailed(f"{self._url} answered {answer.status_code}: {_detail(answer)}")

    def close(self) -> None:
        self._client.close()

    def _post(self, body: bytes) -> httpx.Response | None:
        try:
            return self._client.post(self._url, content=body)
        except httpx.TransportError:
            return None
        except httpx.InvalidURL as error:
            raise SinkFailed(f"{self._url} is no address: {error}") from None


class FileSink:
    """A file of NDJSON, as `import_events` reads it."""

    refused = 0

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise SinkFailed(f"{path} cannot be written: {error.strerror}") from None

    def send(self, received: int, lines: list[bytes]) -> None:
        self._file.write(b"\n".join(lines) + b"\n")

    def close(self) -> None:
        self._file.close()


def _entries(lines: list[bytes], shard: int, received: int) -> list[Entry]:
    return [
        raw_entry(lines[start : start + MOST_LINES], shard=shard, received_at=received, source=Source.IMPORT)
        for start in range(0, len(lines), MOST_LINES)
    ]


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase
