"""`run_tasks`: Celery's worker with its clock."""

from typing import Any

from django.conf import settings

from blackboard.priority import give_way
from commandline import base

MEMORY_KB = 400_000
"""A worker process that has grown larger is replaced after its task."""


class Command(base.Command):
    help = "Works on background tasks: snapshots, segments, exports, pruning."
    requires_system_checks = ()  # checking the addresses would load every page

    def handle(self, *args: Any, **options: Any) -> None:
        from iotproject.celery import app

        give_way()
        size = ["--concurrency", str(settings.CONFIG.tasks.concurrency), "--max-memory-per-child", str(MEMORY_KB)]
        alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        app.worker_main(["--quiet", "worker", "--beat", "--hostname", "tasks@%h", *size, *alone])
