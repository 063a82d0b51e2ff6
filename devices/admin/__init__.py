"""The admin of devices, of those who may speak, and of people."""

from devices.admin import credentials, devices, grouping, people

__all__ = ["credentials", "devices", "grouping", "people"]
