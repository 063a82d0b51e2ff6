"""Payloads of types that have numbers, a whole column per type: canonical numbers, and what fingerprints need."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import compress
from operator import eq
from typing import Any

import msgspec
import numpy as np
import orjson
from numpy.typing import NDArray

from events.decoding.columns import where, where_none
from events.event import MICRO
from events.event_types import EventTypes
from events.event_types.base import NumberType
from events.event_types.custom import MAX_MAGNITUDE, CustomType
from events.event_types.location import LocationType
from events.event_types.plain_schema import PlainSchema

_EXACT = 2.0**53
"""From here on a whole number and its double may differ; such lines go to the exact reader."""


@dataclass(frozen=True, slots=True)
class Readings:
    """One row per payload; rows where `known` is false mean nothing.

    `value`, `latitude`, `longitude` are canonical; a row has a value or a position (`located`), never both. `rest` is
    the canonical JSON of the members that belong to the content beside the value, empty where there are none.
    `strings` counts the quotation marks of the payload's strings.
    """

    known: NDArray[np.bool_]
    value: NDArray[np.int64]
    latitude: NDArray[np.int64]
    longitude: NDArray[np.int64]
    located: NDArray[np.bool_]
    strings: NDArray[np.int64]
    rest: list[str]
    text: list[bytes]

    def kept(self, good: NDArray[np.bool_]) -> "Readings":
        return Readings(
            known=self.known[good],
            value=self.value[good],
            latitude=self.latitude[good],
            longitude=self.longitude[good],
            located=self.located[good],
            strings=self.strings[good],
            rest=list(compress(self.rest, good)),
            text=list(compress(self.text, good)),
        )


def read(raw: Sequence[msgspec.Raw], event_types: Sequence[str], types: EventTypes) -> Readings:
    readings = _nothing_known([bytes(payload) for payload in raw])
    for slug, rows in _by_type(event_types).items():
        kind = types.get(slug)
        if isinstance(kind, NumberType):
            _read_numbers(readings, kind, rows)
        elif isinstance(kind, LocationType):
            _read_locations(readings, kind, rows)
        elif isinstance(kind, CustomType) and kind.plain:
            _read_custom(readings, kind, kind.plain, rows)
    return readings


def _nothing_known(text: list[bytes]) -> Readings:
    rows = len(text)
    return Readings(
        known=np.zeros(rows, np.bool_),
        value=np.zeros(rows, np.int64),
        latitude=np.zeros(rows, np.int64),
        longitude=np.zeros(rows, np.int64),
        located=np.zeros(rows, np.bool_),
        strings=np.zeros(rows, np.int64),
        rest=[""] * rows,
        text=text,
    )


def _by_type(event_types: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    slugs = set(event_types)
    if len(slugs) == 1:
        return {slug: np.arange(len(event_types)) for slug in slugs}
    numbers = {slug: number for number, slug in enumerate(slugs)}
    codes = np.fromiter(map(numbers.__getitem__, event_types), np.int64, len(event_types))
    return {slug: np.flatnonzero(codes == number) for slug, number in numbers.items()}


def _read_numbers(readings: Readings, kind: NumberType, rows: NDArray[np.int64]) -> None:
    found, rows = _decoded(readings.text, rows, _number_decoder(kind.optional))
    value = np.array([payload.value for payload in found], np.float64)
    units = [payload.unit for payload in found]
    for unit, convert in kind.units.items():
        if unit != kind.unit:
            chosen = where(units, partial(eq, unit))
            if chosen.any():
                with np.errstate(over="ignore"):
                    value[chosen] = convert(value[chosen])
    good = where(units, {None, *kind.units}.__contains__)
    micro, fits = _canonical(value, kind.low, kind.high)
    rest, marks, plain = _members(found, kind.optional)
    readings.value[rows] = micro
    readings.strings[rows] = 2 + marks + 4 * ~where_none(units)
    readings.known[rows] = good & fits & plain
    _set_rest(readings.rest, rows, rest)


def _read_locations(readings: Readings, kind: LocationType, rows: NDArray[np.int64]) -> None:
    found, rows = _decoded(readings.text, rows, _location_decoder(kind.optional))
    latitude = np.array([payload.latitude for payload in found], np.float64)
    longitude = np.array([payload.longitude for payload in found], np.float64)
    readings.latitude[rows], north_good = _canonical(latitude, -kind.max_latitude, kind.max_latitude)
    readings.longitude[rows], east_good = _canonical(longitude, -kind.max_longitude, kind.max_longitude)
    rest, marks, plain = _members(found, ("latitude", "longitude", *kind.optional))
    readings.strings[rows] = marks
    readings.located[rows] = True
    readings.known[rows] = north_good & east_good & plain
    _set_rest(readings.rest, rows, rest)


def _read_custom(readings: Readings, kind: CustomType, plain: PlainSchema, rows: NDArray[np.int64]) -> None:
    found, rows = _decoded(readings.text, rows, _number_decoder(()))
    value = np.array([payload.value for payload in found], np.float64)
    units = [payload.unit for payload in found]
    accepted = {None: plain.without_unit, kind.unit: plain.with_unit}
    good = where(units, lambda unit: accepted.get(unit, False))
    near = np.abs(value) < MAX_MAGNITUDE
    readings.value[rows] = np.rint(np.where(near, value, 0.0) * 1e6).astype(np.int64)
    readings.strings[rows] = 2 + 4 * ~where_none(units)
    readings.known[rows] = good & near & plain.bounds.fit(value)


def _decoded(
    text: Sequence[bytes], rows: NDArray[np.int64], decoder: msgspec.json.Decoder[Any]
) -> tuple[list[Any], NDArray[np.int64]]:
    """What these payloads say, and the rows of those that could be decoded so."""
    decode, found, numbers = decoder.decode, [], []
    for row in rows.tolist():
        try:
            found.append(decode(text[row]))
            numbers.append(row)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
    return found, np.array(numbers, np.int64)


def _canonical(value: NDArray[np.float64], low: float, high: float) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Whole millionths as `events.event.canonical` has them, and where they lie in the range."""
    near = np.abs(value) < 1e12
    micro = np.rint(np.where(near, value, 0.0) * 1e6).astype(np.int64)
    return micro, near & (micro >= round(low * MICRO)) & (micro <= round(high * MICRO))


def _members(found: list[Any], names: tuple[str, ...]) -> tuple[list[str] | None, NDArray[np.int64], NDArray[np.bool_]]:
    """Canonical JSON of these members, the marks of their names, and where every number is certain."""
    rows = len(found)
    columns = {name: [getattr(payload, name) for payload in found] for name in sorted(names)}
    columns = {name: column for name, column in columns.items() if any(number is not None for number in column)}
    marks, plain = np.zeros(rows, np.int64), np.ones(rows, np.bool_)
    for name, column in columns.items():
        numbers = np.array(column, np.float64)
        absent = np.isnan(numbers)
        marks += 2 * ~absent
        plain &= absent | (np.abs(numbers) < _EXACT)
        columns[name] = list(map(_whole, column))
    if not columns:
        return None, marks, plain
    return _texts(columns, rows), marks, plain


def _whole(number: float | None) -> float | None:
    return int(number) if number is not None and number.is_integer() and abs(number) < _EXACT else number


def _texts(columns: dict[str, list[Any]], rows: int) -> list[str]:
    names, texts = tuple(columns), []
    for numbers in zip(*columns.values(), strict=True):
        members = {name: number for name, number in zip(names, numbers, strict=True) if number is not None}
        texts.append(orjson.dumps(members).decode() if members else "")
    return texts


def _set_rest(rest: list[str], rows: NDArray[np.int64], texts: list[str] | None) -> None:
    if texts is not None:
        for row, text in zip(rows.tolist(), texts, strict=True):
            rest[row] = text


@cache
def _number_decoder(optional: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    return _decoder([("value", float), ("unit", str | None, None)], optional)


@cache
def _location_decoder(optional: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    return _decoder([("latitude", float), ("longitude", float)], optional)


def _decoder(fields: list[Any], optional: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    members = [*fields, *((name, float | None, None) for name in optional)]
    return msgspec.json.Decoder(msgspec.defstruct("Payload", members, forbid_unknown_fields=True, gc=False))
