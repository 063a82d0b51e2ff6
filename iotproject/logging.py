"""Logs: one JSON object a line with its level, or lines for people when a terminal is watching.

Both our own loggers (structlog) and everybody else's (the standard library) come out the same way, on standard error.
"""

import logging
import logging.config
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SECRET = re.compile(r"password|passwd|secret|token|authorization|cookie|api_?key|credential", re.IGNORECASE)
IN_URL = re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+@")
HIDDEN = "***"

QUIET = {
    "django_structlog": "WARNING",
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "asyncio": "WARNING",
    "kombu": "ERROR",
    "uvicorn": "WARNING",
    "celery.app.trace": "WARNING",
    "celery.worker.strategy": "WARNING",
    "celery.beat": "WARNING",
    "django.server": "WARNING",
    "django.request": "ERROR",
    "axes": "WARNING",
}
"""Loggers of libraries that would repeat every request or task at INFO."""


def configure(level: str, form: str, *, process: str | None = None) -> None:
    """Sends all logs of this process to standard error; `form` is json, console, or auto (by the terminal)."""
    shared = processors(process)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(_standard_library(level, renderer(form), shared))
    logging.captureWarnings(True)


def processors(process: str | None) -> list[Processor]:
    """What every log record goes through before it is rendered."""

    def name_process(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        if process:
            event.setdefault("process", process)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        name_process,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        hide_secrets,
    ]


def hide_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Blanks values whose name says that they are secret, and passwords inside URLs."""
    return {name: _shown(name, value) for name, value in event.items()}


def _shown(name: str, value: Any) -> Any:
    if SECRET.search(name) and value:
        return HIDDEN
    return IN_URL.sub(rf"\1:{HIDDEN}@", value) if isinstance(value, str) else value


def renderer(form: str) -> list[Processor]:
    if form == "console" or (form == "auto" and sys.stderr.isatty()):
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]


def _standard_library(level: str, last: list[Processor], shared: list[Processor]) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "ours": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "ours"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {name: {"level": at_least(quiet, level)} for name, quiet in QUIET.items()},
    }


def at_least(quiet: str, level: str) -> str:
    """The higher of the two, except that DEBUG shows everything."""
    if level == "DEBUG":
        return level
    return max(quiet, level, key=logging.getLevelNamesMapping().__getitem__)
