"""Places where a process can be told to kill itself: around every durable write, named in the order of the code.

`CRASH_AT=name` in the environment, or `CRASH_AT=name:3` for the third visit, sends this process the signal that
nobody can catch. Without it a point does nothing. `tests/stack/test_crash_points.py` visits every one of them.
"""

import os
import signal

POINTS = {
    "door.before_append": "Requests wait; nothing of them is in the raw log.",
    "door.after_append": "The lines are durable; nobody has been told so.",
    "control.put": "A decision and its number are in an open transaction of the database.",
    "log.before_commit": "A SQLite log holds rows in an open transaction.",
    "log.after_commit": "The rows are on disk; the caller does not know it.",
    "reformer.before_letters": "Raw records are read and judged; nothing of it is written.",
    "reformer.after_letters": "The dead letters are written; the position is not.",
    "reformer.after_commit": "Batch, marker, position and state are written; the state in memory is the old one.",
    "calculator.begun": "A transaction of the store is open; nothing is in it.",
    "calculator.record_taken": "One record's rows are in the open transaction, others may follow.",
    "calculator.late_let_in": "An epoch's repair is in the open transaction.",
    "calculator.before_commit": "All rows of a step are in the open transaction, the position too.",
    "calculator.after_commit": "The step is durable; nobody who listens has heard of it.",
    "mirror.before_commit": "Records, revisions and what is to be told are in an open transaction of the database.",
    "mirror.after_commit": "The records follow; the mirror does not know it.",
    "outbox.written": "Messages are in the outbox, in the open transaction of what they tell.",
    "delivery.claimed": "A message is claimed; nothing of it is sent.",
    "delivery.sent": "The other side has the message; ours does not say so yet.",
    "delivery.marked": "One message is marked as sent, others may follow.",
    "rebuild.before_commit": "New views stand in the open transaction, beside those that are read.",
    "rebuild.after_commit": "The new views stand; whoever asked for them does not know.",
    "healing.set_aside": "The damaged store lies aside; there is none in its place.",
    "restore.fetched": "A snapshot lies beside the store's place, checked.",
    "restore.in_place": "The snapshot is the store; no calculator has opened it.",
    "snapshot.copied": "A copy of a store lies in a temporary folder.",
    "snapshot.stored": "The copy is in the storage; no record tells of it.",
    "snapshot.recorded": "The record is written; snapshots that are too many are still there.",
    "segment.written": "A segment's file lies in a temporary folder.",
    "segment.stored": "The segment is in the storage; no row tells of it.",
    "segment.recorded": "The row is written.",
    "trim.after_delete": "Some old records of a log are deleted, others are to follow.",
    "board.before_commit": "A move is made in an open transaction of the board.",
    "board.after_commit": "The move stands; the controller does not know it.",
    "export.stored": "The file of an export is in the storage; the export still says that it is being made.",
}
"""Every point, in the order in which an event meets it, and how things stand there."""


_wanted = ""
_visits_left = 0


def arm(text: str) -> None:
    """Asks for the end of this process at a point: `name`, or `name:3` for its third visit; empty: at none."""
    global _wanted, _visits_left
    _wanted, _, visit = text.partition(":")
    _visits_left = int(visit or 1)


def crash_point(name: str) -> None:
    """Ends the process without a word if this visit of this point is the one that was asked for."""
    global _visits_left
    if name != _wanted:
        return
    _visits_left -= 1
    if _visits_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get("CRASH_AT", ""))
