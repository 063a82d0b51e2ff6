"""Celery: slow work that nobody waits for, and when it is done."""

import os

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iotproject.settings")

from django.conf import settings

from iotproject.parentage import die_with_parent

app = Celery("iotproject")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["views_engine", "views_engine.notifying"])
app.conf.beat_schedule = {
    "snapshots": {"task": "views_engine.tasks.snapshot_all", "schedule": settings.CONFIG.snapshots.interval_s},
    "segments": {"task": "views_engine.tasks.write_segments", "schedule": 60.0},
    "notifications": {
        "task": "views_engine.notifying.tasks.deliver_due",
        "schedule": 5.0,
        "options": {"expire_seconds": 5},
    },
    "epochs": {"task": "views_engine.tasks.close_epochs", "schedule": 10.0, "options": {"expire_seconds": 10}},
    "pruning": {"task": "views_engine.tasks.prune", "schedule": 3600.0},
}


@signals.setup_logging.connect
def keep_our_logging(**kwargs: object) -> None:
    """Being connected is enough: Celery then leaves the logging of the settings alone."""


@signals.worker_process_init.connect
@signals.beat_embedded_init.connect
def leave_no_orphan(**kwargs: object) -> None:
    die_with_parent()
