"""Devices as a CSV table, the same columns as the API takes."""

from typing import Any

from import_export import fields, resources
from import_export.widgets import ForeignKeyWidget, ManyToManyWidget

from devices.labels import tags_named
from devices.models import Device, DeviceType, Group, Site, Tag
from devices.tables import COLUMNS


class TagsWidget(ManyToManyWidget):  # type: ignore[misc]
    """New tags come into being."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[Tag]:
        return tags_named(name.strip() for name in str(value or "").split(";") if name.strip())


class GroupsWidget(ManyToManyWidget):  # type: ignore[misc]
    """ValueError names a group that does not exist, where the library would pass it over."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[Group]:
        names = {name.strip() for name in str(value or "").split(";") if name.strip()}
        groups = list(Group.objects.filter(name__in=names))
        strange = names - {group.name for group in groups}
        if strange:
            raise ValueError(f"There is no group {sorted(strange)[0]!r}.")
        return groups


class DeviceResource(resources.ModelResource):  # type: ignore[misc]
    device_type = fields.Field("device_type", "device_type", ForeignKeyWidget(DeviceType, "slug"))
    site = fields.Field("site", "site", ForeignKeyWidget(Site, "name"))
    groups = fields.Field("groups", "groups", GroupsWidget(Group, separator=";", field="name"))
    tags = fields.Field("tags", "tags", TagsWidget(Tag, separator=";", field="name"))

    class Meta:
        model = Device
        fields = COLUMNS
        export_order = COLUMNS
        import_id_fields = ("device_id",)
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True
