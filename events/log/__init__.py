"""Logs: `base` says what every one of them promises; the setting `log.backend` names the one in use."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from events.log.base import Log


@cache
def get_log() -> Log:
    """The log of this process, built on first use."""
    log: Log = import_string(settings.CONFIG.log.backend).from_settings(settings.CONFIG, settings.DATA_DIR)
    return log
