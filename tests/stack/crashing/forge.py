"""Real processes, quickly: one process that has loaded everything forks for each command that is to be run.

Started as `python -m tests.stack.crashing.forge` with the environment of the processes it makes. It holds no
connection and no file of the data directory, so the directory may be replaced between two commands.
"""

import json
import os
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

LOADED = (
    "events.reformer.wiring",
    "events.management.commands.run_reformer",
    "views_engine.calculator.process",
    "views_engine.management.commands.run_calculator",
    "views_engine.management.commands.snapshot",
    "views_engine.management.commands.restore",
    "views_engine.management.commands.rebuild_views",
    "views_engine.exports",
    "views_engine.pruning",
    "views_engine.verify.digest",
    "tests.stack.crashing.errands",
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iotproject.settings")
    import django

    django.setup()
    for module in LOADED:
        import_module(module)
    _say({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        _say({"status": _forked(order)})


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _forked(order: dict[str, Any]) -> int:
    """Runs the order in a process of its own; its exit status, or the signal that ended it as a negative number."""
    child = os.fork()
    if child == 0:
        os._exit(_carried_out(order))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _carried_out(order: dict[str, Any]) -> int:
    from commandline import crash_points
    from commandline.utility import Utility

    words = os.open(order["words"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, target in ((nothing, 0), (words, 1), (words, 2)):
        os.dup2(descriptor, target)
    crash_points.arm(order.get("crash_at", ""))
    try:
        if "errand" in order:
            getattr(import_module("tests.stack.crashing.errands"), order["errand"])(Path(order["folder"]))
        else:
            Utility(["manage.py", *order["command"]]).execute()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    main()
