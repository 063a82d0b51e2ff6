"""What may be asked with a question, checked, and how it becomes the WHERE of one."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from events.event import NO_SEQ

Arguments = dict[str, Any]


class BadQuestion(ValueError):
    """A parameter is missing or makes no sense; the message names it."""


class Parameters(msgspec.Struct, forbid_unknown_fields=True, rename={"from_": "from"}):
    """All parameters of all questions; each uses those that its docstring in the table names."""

    device_ids: list[str] | None = None
    event_type: str | None = None
    from_: int | None = None
    to: int | None = None
    order: Literal["asc", "desc"] | None = None
    after: list[Any] | None = None
    limit: Annotated[int, msgspec.Meta(ge=0)] | None = None
    unit: str | None = None
    resolution: Literal["1m", "1h", "1d"] | None = None
    epoch: int | None = None
    position: int | None = None
    rules: list[int] | None = None
    rule: dict[str, Any] | None = None
    state: Literal["open", "cleared"] | None = None
    bucket_ms: Annotated[int, msgspec.Meta(gt=0)] | None = None
    offline_after_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    overrides: dict[str, float] = {}


class Conditions:
    """Collects the WHERE of one question together with its arguments."""

    def __init__(self) -> None:
        self.clauses: list[str] = ["true"]
        self.arguments: Arguments = {}

    def add(self, clause: str, **arguments: Any) -> None:
        """Adds a clause, unless one of its arguments is None."""
        if all(value is not None for value in arguments.values()):
            self.clauses.append(clause)
            self.arguments.update(arguments)

    def span(self, column: str, parameters: Parameters) -> None:
        self.add(f"{column} >= $from", **{"from": parameters.from_})
        self.add(f"{column} < $to", to=parameters.to)

    def devices(self, parameters: Parameters) -> None:
        ids = parameters.device_ids
        if ids is not None and len(ids) == 1:
            self.add("device_id = $device", device=ids[0])
        else:
            self.add("device_id IN (SELECT unnest($devices::VARCHAR[]))", devices=ids)

    def after(self, columns: tuple[str, ...], after: list[Any] | None, *, descending: bool = False) -> None:
        """Only rows behind the one whose sort key was `after`."""
        if after is None:
            return
        if len(after) != len(columns):
            raise BadQuestion(f"after: needs {len(columns)} members ({', '.join(columns)})")
        names = [f"after_{number}" for number in range(len(columns))]
        sign = "<" if descending else ">"
        marks = ", ".join(f"${name}" for name in names)
        # The first comparison alone lets DuckDB skip what lies before; the second is exact.
        self.add(f"{columns[0]} {sign}= ${names[0]}", **{names[0]: after[0]})
        self.clauses.append(f"({', '.join(columns)}) {sign} ({marks})")
        members = (NO_SEQ if member is None else member for member in after)
        self.arguments.update(zip(names, members, strict=True))

    def __str__(self) -> str:
        return " AND ".join(self.clauses)


def needed(value: Any, name: str) -> Any:
    if value is None:
        raise BadQuestion(f"{name}: is required")
    return value


def read_parameters(parameters: Mapping[str, Any]) -> Parameters:
    try:
        return msgspec.convert(dict(parameters), Parameters)
    except msgspec.ValidationError as error:
        raise BadQuestion(str(error)) from error
