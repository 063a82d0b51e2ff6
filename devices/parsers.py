"""Bodies of the management API: JSON that means one thing, of a size that harms nobody."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from devices.problems import TooLarge

MAX_BYTES = 8 * 1024 * 1024


class JSONParser(BaseParser):
    """Refuses NaN, infinities, lone surrogates, bodies that are not UTF-8 and nesting without end."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = read(stream)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}.") from error


class CSVParser(BaseParser):
    """Gives the text of the table, a str."""

    media_type = "text/csv"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return text(read(stream))


def read(stream: IO[Any]) -> bytes:
    """All of the body; raises TooLarge beyond `MAX_BYTES`."""
    body: bytes = stream.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise TooLarge(f"The body is larger than {MAX_BYTES} bytes.")
    return body


def text(body: bytes) -> str:
    """UTF-8 with or without a BOM; raises ParseError for anything else."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from error
