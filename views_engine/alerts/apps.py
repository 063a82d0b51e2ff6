"""Rules and alerts as a Django app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "views_engine.alerts"
    label = "alerts"
