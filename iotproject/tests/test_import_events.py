"""`import_events` as people use it: in a process of its own, on an empty data directory."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from iotproject.config import ROOT

LINES = b"""\
{"device_id":"a","event_type":"temperature","observed_at":"2026-01-01T00:00:00Z","payload":{"value":20}}
{"device_id":"a","event_type":"temperature","observed_at":"2026-01-01T00:01:00Z","payload":{"value":21}}
{"device_id":"b","event_type":"temperature","observed_at":"2026-01-01T00:00:00Z","payload":{"value":"warm"}}
"""


def command(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "import_events", *arguments],
        env={**os.environ, "IOT_DATA_DIR": str(data_dir)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def only_progress(diagnostics: str) -> bool:
    """Whether there is nothing but the lines that tell how far it is, which a quick machine never needs."""
    return re.fullmatch(r"(\S+: \d+%, [\d,]+ events\n)*", diagnostics) is not None


def changes(report: str) -> dict[str, str]:
    """The change of each row of the table that is not zero."""
    rows = [line.split() for line in report.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 3 and row[1].startswith("+") and row[1] != "+0"}


def test_every_fate_is_reported_and_a_second_time_all_are_duplicates(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(LINES)
    first = command(tmp_path / "data", str(file), "--register")
    again = command(tmp_path / "data", str(file), "--register")
    assert (first.returncode, again.returncode) == (0, 0)
    assert only_progress(first.stderr)
    assert only_progress(again.stderr)
    assert changes(first.stdout) == {"received": "+3", "applied": "+2", "invalid": "+1"}
    assert changes(again.stdout) == {"received": "+3", "duplicate": "+2", "invalid": "+1"}


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(LINES)
    done = command(tmp_path / "data", str(file), "--dry-run", "--register")
    assert done.returncode == 0
    assert only_progress(done.stderr)
    assert "taken            2" in done.stdout
    assert "event 3: /payload/value" in done.stdout
    assert not list((tmp_path / "data" / "log").glob("raw*"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.csv"], "none.csv: there is no such file"),
        (["."], "is a directory"),
        (["manage.py"], "the ending of the name says no format"),
        (["x.ndjson", "--mapping", "none.yaml"], "none.yaml: there is no such mapping file"),
    ],
)
def test_mistakes_are_one_sentence_and_status_2(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    done = command(tmp_path / "data", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
