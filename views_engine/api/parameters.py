"""Query parameters: each declared once, with how it is read and how the API's schema describes it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

MAX_LIMIT = 1000
DEFAULT_LIMIT = 100
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:([Zz])|([+\- ])(\d\d):(\d\d))", re.ASCII)
_DEVICE = r"[A-Za-z0-9._:\-]{1,64}"
_SLUG = r"[a-z0-9][a-z0-9_\-]{0,63}"


class BadParameter(ValueError):
    """What is wrong with one parameter: the `name`, a `code`, and the sentence it was raised with."""

    def __init__(self, name: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.name, self.code = name, code


class BadParameters(ValueError):
    """Everything that is wrong with the parameters of one request."""

    def __init__(self, errors: Sequence[BadParameter]) -> None:
        super().__init__("; ".join(f"{error.name}: {error}" for error in errors))
        self.errors = errors

    def listed(self) -> list[dict[str, Any]]:
        """The `errors` of the problem."""
        return [{"pointer": f"/{error.name}", "code": error.code, "detail": str(error)} for error in self.errors]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One query parameter. `parse` turns its text into a value or raises ValueError with a sentence."""

    name: str
    parse: Callable[[str], Any]
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    code: str = "bad_value"
    many: bool = False
    default: Any = None
    example: Any = None


def read(query: QueryDict, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """The value of every declared parameter by name; raises `BadParameters` naming all that is wrong."""
    known = {parameter.name: parameter for parameter in parameters}
    errors = [
        BadParameter(name, "unknown_parameter", f"there is no parameter {name!r} here; known: {', '.join(known)}")
        for name in query
        if name not in known
    ]
    values: dict[str, Any] = {}
    for parameter in parameters:
        try:
            values[parameter.name] = _value(parameter, query.getlist(parameter.name))
        except BadParameter as error:
            errors.append(error)
    errors += _wrong_range(values)
    if errors:
        raise BadParameters(errors)
    return values


def _value(parameter: Parameter, texts: Sequence[str]) -> Any:
    if not texts:
        return parameter.default
    if len(texts) > 1 and not parameter.many:
        raise BadParameter(parameter.name, "repeated", "may be given once only")
    try:
        values = [parameter.parse(text) for text in texts]
    except ValueError as error:
        raise BadParameter(parameter.name, parameter.code, str(error)) from error
    return values if parameter.many else values[0]


def _wrong_range(values: Mapping[str, Any]) -> list[BadParameter]:
    start, end = values.get("from"), values.get("to")
    if start is None or end is None or start <= end:
        return []
    return [BadParameter("from", "out_of_range", "lies after to")]


def time_ms(text: str) -> int:
    """Milliseconds since 1970 of an RFC 3339 time with its offset; digits finer than a millisecond are cut."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("is not an RFC 3339 time with an offset, such as 2026-01-31T12:00:00Z")
    day, clock, digits, _, sign, hours, minutes = match.groups()
    try:
        whole = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"is not a time that exists: {error}") from error
    return int(whole.timestamp()) * 1000 + int((digits or "0")[:3].ljust(3, "0")) - _offset_ms(sign, hours, minutes)


def _offset_ms(sign: str | None, hours: str | None, minutes: str | None) -> int:
    """An unescaped `+` in an address reaches us as a space: it is read as the plus it was."""
    if sign is None or hours is None or minutes is None:
        return 0
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("has an offset that does not exist")
    return (int(hours) * 60 + int(minutes)) * 60_000 * (-1 if sign == "-" else 1)


def _matching(pattern: str, sentence: str) -> Callable[[str], str]:
    compiled = re.compile(pattern, re.ASCII)

    def parse(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(sentence)
        return text

    return parse


def _one_of(*values: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in values:
            raise ValueError(f"is one of {', '.join(values)}")
        return text

    return parse


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if re.fullmatch(r"\d{1,19}", text, re.ASCII) is None or not low <= int(text) <= high:
            raise ValueError(f"is a whole number from {low} to {high}")
        return int(text)

    return parse


def choice(name: str, description: str, *values: str, default: str | None = None) -> Parameter:
    schema: dict[str, Any] = {"type": "string", "enum": list(values)}
    if default is not None:
        schema["default"] = default
    return Parameter(
        name=name, parse=_one_of(*values), description=description, schema=schema, default=default, code="not_a_choice"
    )


def text(name: str, description: str, *, most: int = 200) -> Parameter:
    return Parameter(
        name=name,
        parse=_matching(rf"[^\x00-\x1f\x7f]{{1,{most}}}", f"is a text of 1 to {most} characters"),
        description=description,
        schema={"type": "string", "minLength": 1, "maxLength": most, "pattern": r"^[^\x00-\x1f\x7f]+$"},
    )


def whole(name: str, description: str, *, low: int = 0, high: int = 2**63 - 1, default: int | None = None) -> Parameter:
    schema: dict[str, Any] = {"type": "integer", "minimum": low, "maximum": high}
    if default is not None:
        schema["default"] = default
    return Parameter(
        name=name, parse=_whole(low, high), description=description, schema=schema, default=default, code="out_of_range"
    )


def _time(name: str, description: str) -> Parameter:
    return Parameter(
        name=name,
        parse=time_ms,
        description=description,
        schema={"type": "string", "format": "date-time"},
        code="bad_time",
    )


DEVICE_ID = Parameter(
    name="device_id",
    parse=_matching(_DEVICE, "is 1 to 64 of A-Z a-z 0-9 . _ : -"),
    description="Only these devices; may be repeated. A device nobody knows has no rows.",
    schema={"type": "array", "items": {"type": "string", "pattern": f"^{_DEVICE}$"}},
    code="bad_id",
    many=True,
    example=["meter-7"],
)
EVENT_TYPE = Parameter(
    name="event_type",
    parse=_matching(_SLUG, "is the slug of an event type, such as temperature"),
    description="Only this event type.",
    schema={"type": "string", "pattern": f"^{_SLUG}$"},
    example="temperature",
)
FROM = _time("from", "From this time on, this very moment included.")
TO = _time("to", "Up to this time, this very moment left out.")
LIMIT = whole("limit", "How many results a page has at most.", low=1, high=MAX_LIMIT, default=DEFAULT_LIMIT)
CURSOR = Parameter(
    name="cursor",
    parse=_matching(r"[A-Za-z0-9._:\-]{1,4096}", "is not a cursor of ours"),
    description="Where the page begins: taken from `next` of the page before, with the same filters.",
    code="bad_cursor",
)
FORMAT = choice(
    "format",
    "The form of the answer; wins over `Accept`. All but json stream every row, not a page.",
    "json",
    "csv",
    "ndjson",
    "parquet",
)
