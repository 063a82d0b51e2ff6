"""`simulate_devices` as people use it, in a process of its own."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from iotproject.config import ROOT


def command(name: str, data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), name, *arguments],
        env={**os.environ, "IOT_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_with_a_seed_the_same_file_every_time(tmp_path: Path) -> None:
    files = [tmp_path / "first.ndjson", tmp_path / "second.ndjson"]
    for file in files:
        done = command(
            "simulate_devices", tmp_path, "--devices", "9", "--seed", "3", "--count", "500", "--output", str(file)
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "500 events sent, 0 of them refused.\n"
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].read_bytes().count(b"\n") == 500


def test_straight_into_the_log_of_a_migrated_machine(tmp_path: Path) -> None:
    assert command("migrate", tmp_path, "-v0").returncode == 0
    done = command("simulate_devices", tmp_path, "--devices", "9", "--fast", "--count", "500")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "500 events sent, 0 of them refused.\n"


def test_a_machine_that_is_not_set_up_is_told_how(tmp_path: Path) -> None:
    done = command("simulate_devices", tmp_path, "--fast", "--count", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "The database is not set up for this version: run `python manage.py migrate`.\n"


def test_it_ends_when_told_though_nobody_takes_its_events(tmp_path: Path) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        door.settimeout(60)
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        sending = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "simulate_devices", "--url", url, "--fast", "--count", "5"],
            env={**os.environ, "IOT_DATA_DIR": str(tmp_path), "no_proxy": "*"},
            stderr=subprocess.PIPE,
            text=True,
        )
        door.accept()[0].close()
        sending.terminate()
        assert sending.communicate(timeout=20)[1] == f"{url}/api/v1/events took no events until the end.\n"
        assert sending.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--late", "0.9"], "'0.9' is not a share between 0 and 0.7"),
        (["--devices", "0"], "'0' is not a whole number above 0"),
        (["--rate", "nan"], "'nan' is not a number above 0"),
        (["--history", "soon"], "'soon' is not a time like 90s, 10m, 24h or 7d"),
        (["--output", "/nowhere/x"], "/nowhere/x cannot be written"),
    ],
)
def test_mistakes_are_named_with_status_2(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    done = command("simulate_devices", tmp_path, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
