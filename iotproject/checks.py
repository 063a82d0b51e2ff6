"""Django system checks: what is wrong with a configuration whose single values are all well-formed."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

from iotproject.config import Config

LOCAL = {"localhost", "127.0.0.1", "[::1]"}


@register()
def configuration(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    return check(settings.CONFIG)


def check(config: Config) -> list[CheckMessage]:
    return [
        *_log_backend(config),
        *_units(config),
        *(_production(config) if config.environment == "production" else []),
    ]


def _log_backend(config: Config) -> list[CheckMessage]:
    try:
        import_string(config.log.backend)
    except ImportError as error:
        return [Error(f"Setting log.backend: {config.log.backend} cannot be imported: {error}.", id="iot.E001")]
    return []


def _units(config: Config) -> list[CheckMessage]:
    from views_engine.folds.own import BadUnit, load_units

    try:
        load_units(tuple(config.calculator.units))
    except BadUnit as error:
        return [Error(f"Setting calculator.units: {error}", id="iot.E003")]
    return []


def _production(config: Config) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if set(config.server.allowed_hosts) <= LOCAL:
        hint = "Name the hosts that people use, as IOT_SERVER__ALLOWED_HOSTS=iot.example.com."
        found.append(Warning("Setting server.allowed_hosts names only this machine.", hint=hint, id="iot.W001"))
    if not config.database.url or config.database.url.startswith("sqlite"):
        hint = "Give a PostgreSQL server as IOT_DATABASE__URL if more than one machine takes part."
        found.append(Warning("Setting database.url: production uses SQLite.", hint=hint, id="iot.W002"))
    if not config.storage.url or config.storage.url.startswith("file"):
        hint = "Give a bucket as IOT_STORAGE__URL; what only one disk holds is lost with it."
        found.append(Warning("Setting storage.url: snapshots and segments are local.", hint=hint, id="iot.W003"))
    return found
