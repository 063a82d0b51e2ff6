"""Event types that people define: a slug, a name, a unit, and a JSON schema that payloads must meet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import Draft202012Validator, validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from events.event import Reading, Refusal, canonical
from events.event_types.base import Payload, number, out_of_range
from events.event_types.plain_schema import PlainSchema

MAX_MAGNITUDE = 1e12
_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,63}")


class BadDefinition(ValueError):
    """This cannot be an event type; the message says why."""


@dataclass(frozen=True, slots=True)
class CustomType:
    """Built by `CustomType.of`; a number under `value` becomes the reading, in the unit as declared."""

    slug: str
    name: str
    unit: str
    validator: Validator = field(repr=False, compare=False)
    plain: PlainSchema | None = None

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> "CustomType":
        """The type of `{"slug", "name", "unit", "schema"}`; raises `BadDefinition`."""
        slug = definition.get("slug")
        if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
            raise BadDefinition("a slug is 1 to 64 of a-z 0-9 _ - and begins with a letter")
        name, unit = definition.get("name") or slug, definition.get("unit") or ""
        if not isinstance(name, str) or not isinstance(unit, str):
            raise BadDefinition("name and unit must be strings")
        validator = _compiled(definition.get("schema"))
        plain = PlainSchema.of(validator.schema, unit, validator.is_valid)
        return cls(slug, name, unit, validator, plain)

    def read(self, payload: Payload) -> Reading:
        fault = self._fault(payload)
        if fault is not None:
            raise Refusal("schema", _pointer(fault), fault.message[:500])
        unit = payload.get("unit")
        if self.unit and isinstance(unit, str) and unit != self.unit:
            raise Refusal("unknown_unit", "/payload/unit", f"{self.slug} is measured in {self.unit}")
        return Reading(value=self._value(payload))

    def _fault(self, payload: Payload) -> ValidationError | None:
        try:
            fault: ValidationError | None = best_match(self.validator.iter_errors(payload))
        except (Unresolvable, OverflowError, RecursionError, re.error) as error:
            return ValidationError(f"the schema cannot judge this payload: {error}")
        return fault

    def _value(self, payload: Payload) -> int | None:
        value = payload.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        double = number(payload, "value")
        if abs(double) >= MAX_MAGNITUDE:
            raise out_of_range("value", "the magnitude of a value is below 10¹²")
        return canonical(double)


def _compiled(schema: Any) -> Validator:
    if schema is None:
        schema = {}
    if not isinstance(schema, dict):
        raise BadDefinition("a JSON schema is an object")
    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
        # The empty registry keeps a `$ref` to the network from being followed.
        validator: Validator = kind(schema, registry=Registry())
        best_match(validator.iter_errors({}))
    except SchemaError as error:
        raise BadDefinition(f"not a JSON schema: {error.message[:500]}") from error
    except (Unresolvable, RecursionError, re.error) as error:
        raise BadDefinition(f"the schema cannot be used: {error}") from error
    return validator


def _pointer(fault: ValidationError) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in fault.absolute_path)
    return "/".join(("/payload", *parts))
