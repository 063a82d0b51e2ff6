"""Short waits for a database that is busy: several processes share the embedded one, and one writes at a time."""

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

PAUSES_S = (0.02, 0.1, 0.5)


def patient(operation: Callable[P, R]) -> Callable[P, R]:
    """Tries again, over a fresh connection, when the database was locked or away; the last error is raised."""

    @wraps(operation)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        for pause_s in PAUSES_S:
            try:
                return operation(*args, **kwargs)
            except OperationalError:
                if connection.in_atomic_block:
                    raise
                connection.close()
                time.sleep(pause_s)
        return operation(*args, **kwargs)

    return tried
