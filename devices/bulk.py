"""Many devices from one CSV table: all of them, or none and a list of what is wrong, line by line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model
from rest_framework import serializers
from simple_history.utils import bulk_create_with_history

from devices import ids
from devices.labels import tags_named
from devices.models import Device, DeviceType, Group, Site, Tag
from devices.models.changes import note_change
from devices.problems import flatten
from devices.tables import LISTS, Error, Refused, Row, rows_of

_BATCH = 500
_NAMED: tuple[tuple[str, Any, str], ...] = (
    ("device_type", DeviceType, "slug"),
    ("site", Site, "name"),
    ("groups", Group, "name"),
)


class RowSerializer(serializers.Serializer[Any]):
    """The shape of one row; whether what it names exists is asked for all rows at once."""

    device_id = serializers.RegexField(ids.PATTERN, error_messages={"invalid": ids.RULE + "."})
    name = serializers.CharField(max_length=100, required=False)
    device_type = serializers.CharField(required=False)
    site = serializers.CharField(required=False)
    groups = serializers.ListField(child=serializers.CharField(), required=False)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=50, validators=Tag._meta.get_field("name").validators[:1]),
        required=False,
    )
    offline_after_s = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    notes = serializers.CharField(required=False)


def create(table: str, *, dry_run: bool = False) -> int:
    """Makes the devices of the CSV `table` and says how many; raises Refused, and then nothing was changed.

    A dry run checks everything and changes nothing.
    """
    rows = list(rows_of(table))
    errors = [*_shape(rows), *_taken(rows), *_strangers(rows)]
    if errors:
        raise Refused(sorted(errors, key=lambda error: int(error["line"])))
    if not dry_run:
        _write(rows)
    return len(rows)


def _shape(rows: Sequence[Row]) -> Iterator[Error]:
    serializer = RowSerializer()
    for row in rows:
        try:
            row.values = serializer.run_validation(row.cells)
        except serializers.ValidationError as error:
            for found in flatten(error.get_full_details()):
                yield row.error(found["pointer"], found["code"], found["detail"])


def _taken(rows: Sequence[Row]) -> Iterator[Error]:
    taken = _present(Device, "device_id", [device_id for row in rows for device_id in row.names("device_id")])
    seen: set[str] = set()
    for row in rows:
        for device_id in row.names("device_id"):
            if device_id in taken:
                yield row.error("/device_id", "unique", f"There is a device {device_id} already.")
            if device_id in seen:
                yield row.error("/device_id", "duplicate", f"The device {device_id} is in the table twice.")
            seen.add(device_id)


def _strangers(rows: Sequence[Row]) -> Iterator[Error]:
    """Names of types, sites and groups that do not exist. The objects of those that do replace their names."""
    for column, model, key in _NAMED:
        present = _present(model, key, [name for row in rows for name in row.names(column)])
        for row in rows:
            for name in row.names(column):
                if name not in present:
                    yield row.error(f"/{column}", "does_not_exist", f"There is no {_what(model)} {name!r}.")
            if column in row.values:
                found = [present[name] for name in row.names(column) if name in present]
                row.values[column] = found if column in LISTS else next(iter(found), None)


def _what(model: type[Model]) -> str:
    return str(model._meta.verbose_name)


def _present(model: Any, key: str, names: Iterable[str]) -> Mapping[str, Any]:
    wanted = sorted({name for name in names if "\0" not in name})
    chunks = (wanted[at : at + _BATCH] for at in range(0, len(wanted), _BATCH))
    return {getattr(row, key): row for some in chunks for row in model.objects.filter(**{f"{key}__in": some})}


@transaction.atomic
def _write(rows: Sequence[Row]) -> None:
    devices = [Device(**{name: row.values[name] for name in row.values if name not in LISTS}) for row in rows]
    bulk_create_with_history(devices, Device, batch_size=_BATCH)
    tags = {tag.name: tag for tag in tags_named(name for row in rows for name in row.names("tags"))}
    of_device = {device.device_id: device for device in devices}
    for row in rows:
        row.values["tags"] = [tags[name] for name in row.names("tags")]
    for column in LISTS:
        _link(column, {of_device[row.values["device_id"]]: row.values.get(column, []) for row in rows})
    note_change()


def _link(column: str, wanted: Mapping[Device, Sequence[Any]]) -> None:
    field: Any = Device._meta.get_field(column)
    through, other = field.remote_field.through, field.m2m_reverse_field_name()
    links = [through(**{"device": device, other: each}) for device, all_of in wanted.items() for each in all_of]
    through.objects.bulk_create(links, batch_size=_BATCH)
