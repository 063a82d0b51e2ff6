"""JSON read strictly: what two readers could understand differently is refused."""

import json
import math
import re
from typing import Any, NoReturn

from events.event import Refusal

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|([\[{])|([\]}])', re.DOTALL)
_BLANKS = re.compile(r"[ \t\r\n]*")
_LONGEST_PLAIN_INTEGER = 300


class _NotStrict(ValueError):
    pass


class _BeyondDouble(ValueError):
    pass


def loads(line: bytes, *, max_depth: int) -> Any:
    """The value of this JSON text. Raises `Refusal`: `not_json`, or `not_finite` with a pointer to the number.

    Refused as `not_json` are, beside bad syntax: NaN and infinities, duplicate members, lone surrogates, bytes that
    are not UTF-8, and more than `max_depth` levels.
    """
    if line.count(b"{") + line.count(b"[") > max_depth and _too_deep(line, max_depth):
        raise not_json(f"deeper than {max_depth} levels")
    try:
        text = line.decode()
        value = _reader.decode(text)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except _BeyondDouble:
        raise _beyond_double(line) from None
    except UnicodeEncodeError:
        raise not_json("a lone surrogate") from None
    except UnicodeDecodeError as error:
        raise not_json(f"not UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise not_json(str(error)) from None
    return value


def not_json(detail: str) -> Refusal:
    return Refusal("not_json", "", f"not readable as JSON: {detail}"[:500])


def _too_deep(line: bytes, max_depth: int) -> bool:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(line):
        depth += (match[1] is not None) - (match[2] is not None)
        if depth > max_depth:
            return True
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _NotStrict("a member is there twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise _NotStrict(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _BeyondDouble
    return number


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= _LONGEST_PLAIN_INTEGER else _finite(text)


def _any_integer(text: str) -> int | float:
    return int(text) if len(text) <= _LONGEST_PLAIN_INTEGER else float(text)


_reader = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite, parse_int=_integer
)
_lenient = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_any_integer)


def _beyond_double(line: bytes) -> Refusal:
    """A second look at a line with such a number: the rest of it may not be JSON at all, which weighs more."""
    try:
        text = line.decode()
        value = _lenient.decode(text)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except ValueError as error:
        return not_json(str(error))
    return Refusal("not_finite", _pointer_to_infinity(value) or "", "a number is beyond what a double can hold")


def _pointer_to_infinity(value: Any) -> str | None:
    if isinstance(value, float):
        return "" if math.isinf(value) else None
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        below = _pointer_to_infinity(member)
        if below is not None:
            return f"/{str(name).replace('~', '~0').replace('/', '~1')}{below}"
    return None


def elements(text: bytes, *, at_most: int) -> list[bytes]:
    """The texts of the first elements of this JSON array, no more of them than that; raises `Refusal` `not_json`."""
    found: list[bytes] = []
    try:
        array = text.decode()
        at = _after_blanks(array, 1)
        while len(found) < at_most and not (array[at : at + 1] == "]" and not found):
            _, end = _lenient.raw_decode(array, at)
            found.append(array[at:end].encode())
            at = _after_blanks(array, end)
            if array[at : at + 1] == "]":
                break
            if array[at : at + 1] != ",":
                raise _NotStrict(f"a comma is missing at character {at}")
            at = _after_blanks(array, at + 1)
        if len(found) < at_most and array[at + 1 :].strip(" \t\r\n"):
            raise _NotStrict("something follows the array")
    except (ValueError, RecursionError) as error:
        raise not_json(str(error)) from None
    return found


def _after_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at
