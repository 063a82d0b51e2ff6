"""Answers over HTTP: which form was asked for, JSON with its version and tag, and streams with a file name."""

from collections.abc import Callable, Iterator, Mapping
from hashlib import md5
from typing import Any

import orjson
import pyarrow as pa
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from rest_framework.exceptions import NotAcceptable

from views_engine.api.formats import STREAMS
from views_engine.api.listing import Rows
from views_engine.reading.versions import Version, as_header

JSON = "application/json"
_TYPES = {JSON: "json", **{media.partition(";")[0]: name for name, (media, _) in STREAMS.items()}}
_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization, Cookie"}


def format_of(request: HttpRequest, asked: str | None) -> str:
    """`asked` (the parameter) or else the best that `Accept` allows; raises NotAcceptable when it allows none."""
    if asked is not None:
        return asked
    best = request.get_preferred_type(list(_TYPES))
    if best is None:
        raise NotAcceptable(f"This can be had as {', '.join(_TYPES)}.")
    return _TYPES[best]


def json_answer(request: HttpRequest, body: Mapping[str, Any], version: Version) -> HttpResponseBase:
    """200 with the body, or 304 when the client has just this one."""
    content = orjson.dumps(body)
    headers = {**_HEADERS, "ETag": quote_etag(md5(content, usedforsecurity=False).hexdigest())}
    response = HttpResponse(content, JSON, headers={**headers, "X-View-Version": as_header(version)})
    conditional = get_conditional_response(request, etag=headers["ETag"], response=response)
    return conditional or response


def stream_answer(rows: Rows, *, name: str, form: str) -> StreamingHttpResponse:
    """All rows in a streamed format, offered under a file name."""
    media, write = STREAMS[form]
    headers = {
        **_HEADERS,
        "X-View-Version": as_header(rows.version),
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
    }
    return StreamingHttpResponse(_closing(write(rows.schema, rows.tables), rows.close), media, headers=headers)


def _closing(chunks: Iterator[bytes], close: Callable[[], None]) -> Iterator[bytes]:
    """The chunks; what they come from is closed at their end, also when the client has gone."""
    try:
        for chunk in chunks:
            if chunk:
                yield chunk
    finally:
        close()


def rows_of(table: pa.Table, version: Version) -> Rows:
    """A table that is already here, as what is streamed."""
    return Rows(table.schema, iter([table]), version, lambda: None)
