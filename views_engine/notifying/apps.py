"""Notifications as a Django app."""

from django.apps import AppConfig


class NotifyingConfig(AppConfig):
    name = "views_engine.notifying"
    label = "notifying"
