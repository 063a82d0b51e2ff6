import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from iotproject.logging import at_least, configure, hide_secrets


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What our logging writes as JSON while the test runs; afterwards everything is as before."""
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", stream)
    configure("INFO", "json", process="web")
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)


def test_our_own_logs_are_json_with_level_process_and_time(written: io.StringIO) -> None:
    structlog.get_logger("ours").info("stored", events=3)

    line = json.loads(written.getvalue())
    assert (line["event"], line["events"], line["level"], line["process"]) == ("stored", 3, "info", "web")
    assert line["timestamp"].endswith("Z")


def test_libraries_come_out_the_same_way(written: io.StringIO) -> None:
    logging.getLogger("theirs").warning("%s is slow", "disk")

    line = json.loads(written.getvalue())
    assert (line["event"], line["level"], line["logger"]) == ("disk is slow", "warning", "theirs")


def test_an_error_carries_its_traceback_on_one_line(written: io.StringIO) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger("ours").exception("failed")

    [line] = written.getvalue().splitlines()
    assert "ValueError: broken" in json.loads(line)["exception"]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("token", "abc", "***"),
        ("Authorization", "Bearer abc", "***"),
        ("secret_key", "abc", "***"),
        ("url", "postgres://user:hunter2@host/name", "postgres://user:***@host/name"),
        ("device_id", "d-1", "d-1"),
    ],
)
def test_secrets_are_hidden(name: str, value: str, shown: str) -> None:
    assert hide_secrets(None, "info", {name: value}) == {name: shown}


@pytest.mark.parametrize(
    ("quiet", "level", "result"),
    [("WARNING", "INFO", "WARNING"), ("WARNING", "ERROR", "ERROR"), ("ERROR", "DEBUG", "DEBUG")],
)
def test_debug_alone_lets_the_libraries_speak(quiet: str, level: str, result: str) -> None:
    assert at_least(quiet, level) == result
