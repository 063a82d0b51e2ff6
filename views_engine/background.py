"""Handing work to Celery from processes that are not Celery's own."""

from typing import Any

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def enqueue(task: str, *args: Any, **options: Any) -> bool:
    """Asks a worker to do the task of this name; False where the broker cannot be reached, which is not tried again.

    The app is loaded with the first task: most processes never have any.
    """
    try:
        import_string(settings.TASKS_APP).send_task(task, args=args, retry=False, ignore_result=True, **options)
    except (OperationalError, OSError) as error:
        log.warning("broker_away", task=task, reason=str(error))
        return False
    return True
