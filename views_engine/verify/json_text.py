"""JSON as the contract takes it: no NaN, no number beyond a double, no lone surrogate, no key twice, not too deep."""

import json
import math
import re
from decimal import Decimal
from typing import Any

_WHITESPACE = re.compile(r"[ \t\n\r]*")


class NotJson(ValueError):
    """The text is not JSON that may be taken."""


def _constant(name: str) -> Any:
    raise NotJson(f"{name} is no JSON number")


def _double(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise NotJson("a number beyond double")
    return number


def _integer(text: str) -> int:
    if len(text) > 300:
        _double(text)
    return int(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("a key twice")
    return members


_decoder = json.JSONDecoder(parse_float=_double, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_once)


def parse(text: str, max_depth: int) -> Any:
    """The value of a JSON text; raises `NotJson`."""
    try:
        value = _decoder.decode(text)
        if "\\u" in text:
            _encodable(value)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error
    if text.count("{") + text.count("[") > max_depth and _depth(value) > max_depth:
        raise NotJson("nested too deep")
    return value


def _encodable(value: Any) -> None:
    """A lone surrogate can be escaped in JSON, yet no UTF-8 can hold it."""
    json.dumps(value, ensure_ascii=False).encode()


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((_depth(member) for member in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(member) for member in value), default=0)
    return 0


def member_text(text: str, name: str) -> str:
    """The text of a member of a JSON object, just as it was sent. The object must have the member."""
    if text.count("{") == 2 == text.count("}"):
        return text[text.index("{", text.index("{") + 1) : text.index("}") + 1]
    position = _skip(text, text.index("{") + 1)
    while True:
        key, position = _decoder.raw_decode(text, position)
        start = _skip(text, _skip(text, position) + 1)
        _, position = _decoder.raw_decode(text, start)
        if key == name:
            return text[start:position]
        position = _skip(text, _skip(text, position) + 1)


def _skip(text: str, position: int) -> int:
    match = _WHITESPACE.match(text, position)
    assert match is not None
    return match.end()


def canonical_text(value: Any) -> str:
    """JSON text that is equal for equal values: members sorted, no spaces, whole doubles written as integers."""
    if isinstance(value, dict):
        members = (f"{_string(name)}:{canonical_text(value[name])}" for name in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical_text, value)) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float):
        return canonical_text(int(value)) if value.is_integer() else _double_text(value)
    if type(value) is int and not -(2**63) <= value < 2**64:
        return f'{{"integer":"{value}"}}'
    return json.dumps(value)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _double_text(number: float) -> str:
    """The shortest digits that give back a double with a fraction; below 10⁻⁵ with an exponent."""
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    assert isinstance(exponent, int)
    point = len(digits) + exponent
    figures = "".join(map(str, digits))
    if point > 0:
        text = f"{figures[:point]}.{figures[point:]}"
    elif point > -5:
        text = "0." + "0" * -point + figures
    else:
        text = figures[0] + ("." + figures[1:] if figures[1:] else "") + f"e{point - 1}"
    return "-" * sign + text
