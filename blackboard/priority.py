"""Which threads go first where processors are scarce: whoever answers people goes before whoever works for later."""

import os
import threading
from contextlib import suppress

WORK = 5
"""Of workers that turn events into views: about a third of what a thread gets that answers somebody."""

BULK = 10
"""Of what nobody waits for, imports and tasks: a tenth."""


def give_way(niceness: int) -> None:
    """Lets other threads go before the calling one, from now on; where the system cannot do that, nothing changes."""
    if not niceness:
        return
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
