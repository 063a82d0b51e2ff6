"""Mappings: which events a row of somebody else's file becomes. The file format is described in `docs/importing.md`.

An expression is a column's name, or a mapping with exactly one of `column`, `constant` and `template`, and for a
column what to do with it (`scale`, `offset`, `as`). Nothing is ever evaluated.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any, Literal

import msgspec
import yaml

from events.importing.block import ImportMistake

TEXT_MEMBERS = ("device_id", "event_type", "event_id", "observed_at", "received_at")
MEMBERS = (*TEXT_MEMBERS, "seq")
PAYLOAD = ("value", "unit", "voltage", "latitude", "longitude", "altitude", "speed", "accuracy")
Conversion = Literal["text", "number", "json", "unix_s", "unix_ms", "utc"]


class Expression(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member of an event. `parts` of a template alternate text and column, as `Formatter.parse` has them."""

    column: str | None = None
    constant: str | int | float | bool | None = None
    template: str | None = None
    scale: float | None = None
    offset: float | None = None
    as_: Conversion | None = msgspec.field(default=None, name="as")

    @property
    def columns(self) -> list[str]:
        if self.template is not None:
            return [name for _, name in self.parts if name is not None]
        return [] if self.column is None else [self.column]

    @property
    def parts(self) -> list[tuple[str, str | None]]:
        return [(text, name) for text, name, _, _ in Formatter().parse(self.template or "")]

    @property
    def linear(self) -> bool:
        return self.scale is not None or self.offset is not None


_Written = str | Expression


class _Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    payload: dict[str, _Written]
    device_id: _Written | None = None
    event_type: _Written | None = None
    event_id: _Written | None = None
    observed_at: _Written | None = None
    received_at: _Written | None = None
    seq: _Written | None = None
    when: list[str] = []


class _Common(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    device_id: _Written | None = None
    event_type: _Written | None = None
    event_id: _Written | None = None
    observed_at: _Written | None = None
    received_at: _Written | None = None
    seq: _Written | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    events: list[_Event]
    common: _Common = _Common()


@dataclass(frozen=True, slots=True)
class EventSpec:
    """How a row becomes one event; `when` names the columns of which one must hold something (none: every row)."""

    members: tuple[tuple[str, Expression], ...]
    payload: tuple[tuple[str, Expression], ...]
    whole_payload: Expression | None = None
    when: tuple[str, ...] = ()

    def columns(self) -> Iterator[str]:
        for _, expression in (*self.members, *self.payload):
            yield from expression.columns
        if self.whole_payload is not None:
            yield from self.whole_payload.columns
        yield from self.when


@dataclass(frozen=True, slots=True)
class Mapping:
    events: tuple[EventSpec, ...]
    name: str = field(default="mapping", compare=False)

    def columns(self) -> list[str]:
        """Every column that is asked for, once each, in order of first use."""
        return list(dict.fromkeys(column for event in self.events for column in event.columns()))

    def check(self, columns: Sequence[str], file: str) -> None:
        """Raises ImportMistake if the file lacks a column."""
        for column in self.columns():
            if column not in columns:
                has = ", ".join(columns)
                raise ImportMistake(f"{self.name} asks for the column {column!r}, but {file} has only {has}")


def load_mapping(path: Path) -> Mapping:
    """Raises ImportMistake if the file cannot be read or is no mapping."""
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ImportMistake(f"{path}: there is no such mapping file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ImportMistake(f"{path} cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise ImportMistake(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    return parse_mapping(written, path.name)


def parse_mapping(written: Any, name: str = "mapping") -> Mapping:
    """The mapping of a parsed YAML file; raises ImportMistake that names the place of the mistake."""
    try:
        file = msgspec.convert(written, _File)
    except msgspec.ValidationError as error:
        raise ImportMistake(f"{name}: {error}") from None
    if not file.events:
        raise ImportMistake(f"{name}: events is empty; name at least one event that a row becomes")
    return Mapping(
        tuple(_spec(event, file.common, f"{name}: events[{n}]") for n, event in enumerate(file.events)), name
    )


def mapping_of_columns(columns: Sequence[str], file: str) -> Mapping:
    """What a file means whose columns have the names of the API: every row is one event."""
    for needed in ("device_id", "event_type"):
        if needed not in columns:
            raise ImportMistake(f"{file} has no column {needed}; say in a --mapping file where it comes from")
    members = tuple((name, Expression(column=name)) for name in MEMBERS if name in columns)
    payload = tuple((name, Expression(column=name)) for name in PAYLOAD if name in columns)
    if "payload" in columns:
        return Mapping((EventSpec(members, (), Expression(column="payload", as_="json")),))
    if not payload:
        raise ImportMistake(f"{file} has no column of a payload ({', '.join(PAYLOAD)} or payload)")
    return Mapping((EventSpec(members, payload),))


def _spec(event: _Event, common: _Common, where: str) -> EventSpec:
    members: list[tuple[str, Expression]] = []
    for name in MEMBERS:
        given = getattr(event, name)
        written = getattr(common, name) if given is None else given
        if written is not None:
            members.append((name, _expression(written, f"{where}.{name}")))
    for needed in ("device_id", "event_type"):
        if needed not in dict(members):
            raise ImportMistake(f"{where} does not say where {needed} comes from")
    payload = tuple((name, _expression(written, f"{where}.payload.{name}")) for name, written in event.payload.items())
    read = dict.fromkeys(column for _, expression in payload for column in expression.columns)
    return EventSpec(tuple(members), payload, when=tuple(event.when or read))


def _expression(written: _Written, where: str) -> Expression:
    if isinstance(written, str):
        return Expression(column=written)
    said = [name for name in ("column", "constant", "template") if getattr(written, name) is not None]
    if len(said) != 1:
        raise ImportMistake(f"{where} must have exactly one of column, constant and template")
    if written.column is None and (written.linear or written.as_):
        raise ImportMistake(f"{where}: scale, offset and as are for columns only")
    if written.linear and written.as_ not in (None, "number"):
        raise ImportMistake(f"{where}: a number that is scaled cannot be read as {written.as_}")
    _check_template(written, where)
    return written


def _check_template(expression: Expression, where: str) -> None:
    try:
        parts = list(Formatter().parse(expression.template or ""))
    except ValueError as error:
        raise ImportMistake(f"{where}: {error} in the template {expression.template!r}") from None
    if any(name == "" or form or conversion for _, name, form, conversion in parts):
        raise ImportMistake(f"{where}: the braces of the template {expression.template!r} may hold column names only")
