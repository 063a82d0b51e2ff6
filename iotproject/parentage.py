"""No orphans: a process that asks for it is killed by the kernel when its parent dies, however the parent dies."""

import ctypes
import os
import signal
from collections.abc import Callable

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """From now on SIGKILL follows the death of the thread that started this process; Linux only."""
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))


def child_of(parent: int) -> Callable[[], None]:
    """What a child of process `parent` runs before its program; it ends at once if the parent is already gone."""

    def before_program() -> None:
        die_with_parent()
        if os.getppid() != parent:
            os._exit(1)

    return before_program
