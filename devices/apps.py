from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DevicesConfig(AppConfig):
    name = "devices"

    def ready(self) -> None:
        from devices import facts, role_permissions, schema  # noqa: F401

        facts.watch()
        post_migrate.connect(role_permissions.grant, dispatch_uid="devices.roles")
