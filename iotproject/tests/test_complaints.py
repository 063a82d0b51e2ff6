import logging

import pytest
import structlog
from prometheus_client import REGISTRY

from iotproject.complaints import Counting


def lines(level: str) -> float:
    return REGISTRY.get_sample_value("iot_log_complaints_total", {"level": level}) or 0.0


@pytest.mark.parametrize(("level", "counted"), [("info", 0), ("warning", 1), ("error", 1), ("critical", 1)])
def test_what_is_logged_as_a_complaint_is_counted(level: str, counted: int) -> None:
    before = lines(level)
    structlog.get_logger("iotproject.tests").log(logging.getLevelNamesMapping()[level.upper()], "something happened")
    assert lines(level) == before + counted


def test_it_is_counted_once() -> None:
    assert sum(isinstance(handler, Counting) for handler in logging.getLogger().handlers) == 1
