"""What a process complains of in its log, counted for `/metrics`."""

import logging

from prometheus_client import Counter

LINES = Counter("iot_log_complaints_total", "Lines of the log at level warning or above.", ["level"])
LEVELS = ("warning", "error", "critical")


class Counting(logging.Handler):
    """Counts every record of its level or above; writes nothing."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        LINES.labels(record.levelname.lower()).inc()


def count() -> None:
    """Counts from now on, whatever is logged in this process; each level is there from the start."""
    for level in LEVELS:
        LINES.labels(level)
    logging.getLogger().addHandler(Counting())
