"""What the doctor looks at. Each examination returns findings; none of them changes anything that lasts."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection

from blackboard import board
from events.log import get_log
from events.log.base import LogUnavailable, Topic
from iotproject import migrating, neighbours
from iotproject.config import ROOT, settings_file
from views_engine.snapshots.taking import overdue

SAFE_SQLITE = (3, 51, 3)
LOW_DISK_BYTES = 5 * 10**9
NO_DISK_BYTES = 5 * 10**8


class State(StrEnum):
    GOOD = "good"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was looked at, what was `found`, and what to do about it (empty when nothing)."""

    what: str
    state: State
    found: str
    advice: str = ""


Examination = Callable[[], Iterator[Finding]]


def configuration() -> Iterator[Finding]:
    yield Finding("settings", State.GOOD, f"{settings.CONFIG.environment}, from {settings_file()}")
    for message in checks.run_checks():
        state = State.WRONG if message.is_serious() else State.NOTE
        yield Finding(f"check {message.id}", state, message.msg, message.hint or "")


def data_directory() -> Iterator[Finding]:
    folder = settings.DATA_DIR
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("data directory", State.WRONG, f"{folder} cannot be written", "Give this user the folder.")
        return
    yield Finding("data directory", State.GOOD, str(folder))
    free = shutil.disk_usage(folder).free
    state = State.WRONG if free < NO_DISK_BYTES else State.NOTE if free < LOW_DISK_BYTES else State.GOOD
    advice = "" if state is State.GOOD else "Free some space, or move IOT_DATA_DIR to a larger disk."
    yield Finding("free disk", state, f"{free / 1e9:.1f} GB", advice)


def database() -> Iterator[Finding]:
    try:
        missing = migrating.pending()
    except DatabaseError as error:
        yield Finding("database", State.WRONG, str(error), "Check database.url (IOT_DATABASE__URL) and the server.")
        return
    yield Finding("database", State.GOOD, f"{connection.vendor} answers")
    if missing:
        yield Finding("migrations", State.WRONG, f"{len(missing)} not applied", "Run: python manage.py migrate")
    else:
        yield Finding("migrations", State.GOOD, "all applied")


def sqlite_versions() -> Iterator[Finding]:
    import apsw

    ours = apsw.sqlite_lib_version()
    safe = tuple(int(part) for part in ours.split(".")) >= SAFE_SQLITE
    advice = "" if safe else "Install the apsw of requirements.txt: this SQLite can corrupt a write-ahead log."
    yield Finding("SQLite of the log", State.GOOD if safe else State.WRONG, ours, advice)
    yield Finding("SQLite of the database", State.GOOD, f"{sqlite3.sqlite_version}, without a write-ahead log")


def event_log() -> Iterator[Finding]:
    try:
        get_log().append(Topic.RAW, [])
        events = sum(get_log().head(Topic.RAW, shard).events for shard in range(settings.CONFIG.log.shards))
    except LogUnavailable as error:
        yield Finding("event log", State.WRONG, str(error), "Check log.backend and who owns the data directory.")
        return
    yield Finding("event log", State.GOOD, f"{events:,} events in {settings.CONFIG.log.shards} shard(s)")


def object_storage() -> Iterator[Finding]:
    try:
        neighbours.store_and_fetch(settings.STORAGE_URL)
    except Exception as error:
        yield Finding("object storage", State.WRONG, _first_line(error), "Check storage.url and its credentials.")
        return
    yield Finding("object storage", State.GOOD, "wrote, read and deleted an object")


def task_broker() -> Iterator[Finding]:
    try:
        neighbours.reach_broker()
    except Exception as error:
        yield Finding("task broker", State.WRONG, _first_line(error), "Check tasks.broker_url (IOT_TASKS__BROKER_URL).")
        return
    yield Finding("task broker", State.GOOD, "answers")


def calculators() -> Iterator[Finding]:
    running = neighbours.stack_runs(settings.DATA_DIR)
    for shard in range(settings.CONFIG.log.shards):
        try:
            seat = board.live(shard)
        except DatabaseError:
            return
        what = f"calculator of shard {shard}"
        if seat:
            yield Finding(what, State.GOOD, f"{seat.calculator} is live, epoch {seat.epoch}, position {seat.position}")
        elif running:
            yield Finding(what, State.WRONG, "nobody is live", "See the log of run_calculator and run_controller.")
        else:
            yield Finding(what, State.NOTE, "not running", "Start everything with: python manage.py run_stack")


def view_snapshots() -> Iterator[Finding]:
    """Without a stack nobody takes any, and that is no finding."""
    if not neighbours.stack_runs(settings.DATA_DIR):
        return
    try:
        late = overdue()
    except DatabaseError:
        return
    for sentence in late:
        yield Finding("snapshots", State.NOTE, sentence, "See the log of run_tasks and whether storage.url answers.")
    if not late:
        yield Finding("snapshots", State.GOOD, "every shard has a new one")


def port() -> Iterator[Finding]:
    host, number = settings.CONFIG.server.host, settings.CONFIG.server.port
    holder = neighbours.who_listens(host, number)
    if holder is neighbours.Holder.SOMEBODY_ELSE:
        advice = "Stop what uses it, or choose another with IOT_SERVER__PORT."
        yield Finding("web port", State.WRONG, f"{number} is used by another program", advice)
    else:
        yield Finding("web port", State.GOOD, f"{number} is {holder.value}")


def front_end() -> Iterator[Finding]:
    if any((ROOT / "static" / "vendor").glob("*.js")):
        yield Finding("front-end files", State.GOOD, "in static/vendor")
    else:
        yield Finding("front-end files", State.WRONG, "static/vendor is empty", "Run: make setup")


EXAMINATIONS: tuple[Examination, ...] = (
    configuration,
    data_directory,
    database,
    sqlite_versions,
    event_log,
    object_storage,
    task_broker,
    calculators,
    view_snapshots,
    port,
    front_end,
)


def examine() -> Iterator[Finding]:
    for examination in EXAMINATIONS:
        yield from examination()


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
