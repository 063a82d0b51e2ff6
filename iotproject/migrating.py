"""Is the database up to date, and bringing it there."""

import subprocess
import sys

from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from iotproject.config import ROOT


def pending() -> list[str]:
    """The migrations that are not applied yet, as app.name."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def bring_up_to_date() -> None:
    """Applies what is pending, in a process of its own that takes its memory with it.

    Where it cannot, that process has said why, and this one leaves with its exit status.
    """
    missing = pending()
    connections.close_all()
    if not missing:
        return
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--no-input", "--verbosity", "0"]
    if status := subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit(status)
