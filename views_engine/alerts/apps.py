"""Rules and alerts as a Django app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "views_engine.alerts"
    label = "alerts"

    def ready(self) -> None:
        from views_engine.alerts import renaming

        renaming.watch()
