"""RFC 3339 in words: a date, a time, an offset; nothing finer than a millisecond is kept."""

import re
from datetime import date
from functools import lru_cache
from typing import Any

from views_engine.verify.payloads import Refused

_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)
_DAY_MS = 86_400_000
_FIRST = (date.min.toordinal() - date(1970, 1, 1).toordinal()) * _DAY_MS
_END = (date.max.toordinal() + 1 - date(1970, 1, 1).toordinal()) * _DAY_MS


def milliseconds(value: Any) -> int:
    """Milliseconds since 1970 of an RFC 3339 time within the years 1 to 9999 of UTC; raises `Refused`."""
    if not isinstance(value, str):
        raise Refused("wrong_type")
    match = _RFC_3339.fullmatch(value)
    if match is None:
        raise Refused("bad_time")
    day, hour, minute, second, fraction, sign, offset_hour, offset_minute = match.groups()
    clock = _clock_ms(int(hour), int(minute), int(second)) + int(((fraction or "") + "000")[:3])
    offset = _clock_ms(int(offset_hour), int(offset_minute), 0) if sign else 0
    moment = _day_ms(day) + clock - (-offset if sign == "-" else offset)
    if not _FIRST <= moment < _END:
        raise Refused("bad_time")
    return moment


def _clock_ms(hour: int, minute: int, second: int) -> int:
    """A leap second (60) names no millisecond of ours."""
    if hour > 23 or minute > 59 or second > 59:
        raise Refused("bad_time")
    return ((hour * 60 + minute) * 60 + second) * 1000


@lru_cache(maxsize=10_000)
def _day_ms(day: str) -> int:
    try:
        return (date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()) * _DAY_MS
    except ValueError as error:
        raise Refused("bad_time") from error
