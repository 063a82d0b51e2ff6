"""What is known of devices, and the credentials of who may speak."""

from devices.models.changes import FactsChanges
from devices.models.credential import DeviceToken, GatewayToken, PersonToken, Token
from devices.models.device import Device, DeviceType
from devices.models.grouping import Group, Site, Tag

__all__ = [
    "Device",
    "DeviceToken",
    "DeviceType",
    "FactsChanges",
    "GatewayToken",
    "Group",
    "PersonToken",
    "Site",
    "Tag",
    "Token",
]
