"""Tags by their names."""

from collections.abc import Iterable

from devices.models import Tag


def tags_named(names: Iterable[str]) -> list[Tag]:
    """The tags of these names, made where they are new."""
    wanted = set(names)
    present = set(Tag.objects.filter(name__in=wanted).values_list("name", flat=True))
    Tag.objects.bulk_create([Tag(name=name) for name in sorted(wanted - present)], ignore_conflicts=True)
    return list(Tag.objects.filter(name__in=wanted))
