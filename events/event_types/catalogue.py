"""All event types that are known at one moment."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from events.event_types.base import EventType
from events.event_types.custom import BadDefinition, CustomType


class EventTypes:
    """An immutable catalogue by slug: the built-in types and those that people defined."""

    __slots__ = ("_types",)

    def __init__(self, types: Iterable[EventType]) -> None:
        self._types = MappingProxyType({known.slug: known for known in types})

    def get(self, slug: str) -> EventType | None:
        return self._types.get(slug)

    def with_custom(self, definitions: Iterable[Mapping[str, Any]]) -> "EventTypes":
        """This catalogue and the types so defined; raises `BadDefinition`, also for a slug that is taken."""
        types = dict(self._types)
        for custom in map(CustomType.of, definitions):
            if custom.slug in types:
                raise BadDefinition(f"there already is an event type {custom.slug}")
            types[custom.slug] = custom
        return EventTypes(types.values())

    def __contains__(self, slug: object) -> bool:
        return slug in self._types

    def __iter__(self) -> Iterator[EventType]:
        return iter(self._types.values())

    def __len__(self) -> int:
        return len(self._types)
