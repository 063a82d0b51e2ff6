"""RFC 3339 times to milliseconds since 1970 in UTC: one exactly, or the usual two shapes a whole column at once."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_SHAPE = "0000-00-00T00:00:00.000Z"
_DAY_MS = 86_400_000


def parse_time(text: str) -> int:
    """Milliseconds since 1970, digits finer than that cut; raises ValueError.

    Needs a zone. There is no leap second, no hour 24, and the moment must lie in the years 1 to 9999 of UTC.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a time of RFC 3339 with a zone")
    day, clock, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone in 'Zz' else zone}").astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the years 1 to 9999") from None
    return (moment - _EPOCH) // _SECOND * 1000 + int((fraction or "")[:3].ljust(3, "0"))


def parse_times(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Milliseconds for each text, and where they hold: false means look at that one with `parse_time`."""
    times = np.zeros(len(texts), np.int64)
    known = np.zeros(len(texts), np.bool_)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    for length, shape in ((24, _SHAPE), (20, _SHAPE[:19] + "Z")):
        rows = np.flatnonzero(lengths == length)
        joined = "".join([texts[row] for row in rows.tolist()] if len(rows) < len(texts) else texts)
        if len(rows) and joined.isascii():
            times[rows], known[rows] = _column(np.frombuffer(joined.encode(), np.uint8).reshape(-1, length), shape)
    return times, known


def _column(letters: NDArray[np.uint8], shape: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    digits = letters - np.uint8(48)
    known = np.ones(len(letters), np.bool_)
    for place, sign in enumerate(shape):
        known &= digits[:, place] <= 9 if sign == "0" else letters[:, place] == ord(sign)

    def part(start: int, length: int) -> NDArray[np.int64]:
        total = np.zeros(len(letters), np.int64)
        for place in range(start, start + length):
            total = total * 10 + digits[:, place]
        return total

    year, month, day = part(0, 4), part(5, 2), part(8, 2)
    hour, minute, second = part(11, 2), part(14, 2), part(17, 2)
    known &= (year >= 1) & (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first, after = _first_day(months), _first_day(months + 1)
    known &= (day >= 1) & (day <= after - first)
    seconds = ((first + day - 1) * 24 + hour) * 3600 + minute * 60 + second
    return seconds * 1000 + (part(20, 3) if len(shape) == 24 else 0), known


def _first_day(months: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days from 1970 to the first of the month that is so many months after January 1970."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
