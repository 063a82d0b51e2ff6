"""Who goes first where processors are scarce: whatever somebody waits for goes before what nobody does."""

import os
import threading
from contextlib import suppress

NICENESS = 10


def give_way() -> None:
    """Imports and tasks: everything else goes before the calling thread, and those it starts, from now on.

    They keep a tenth of a busy processor. Where the system cannot do that, nothing changes.
    """
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
