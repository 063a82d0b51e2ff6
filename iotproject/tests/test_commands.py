"""Every command of ours in a process of its own: a mistake is one sentence and exit status 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from iotproject.config import ROOT

OURS = sorted(name for name, app in get_commands().items() if (ROOT / str(app).split(".")[0]).is_dir())
NOT_MIGRATED = "The database is not set up for this version: run `python manage.py migrate`.\n"


def manage(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env={**os.environ, "IOT_DATA_DIR": str(data_dir)},
        cwd=data_dir,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_all_of_them_are_seen() -> None:
    assert {"issue_token", "run_stack", "run_web", "import_events", "verify_views", "doctor"} <= set(OURS)


@pytest.mark.parametrize("name", [*OURS, "migrate", "createsuperuser"])
def test_an_option_that_does_not_exist_is_one_sentence(name: str, tmp_path: Path) -> None:
    done = manage(tmp_path, name, "--colour")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"manage.py {name}: ")
    assert done.stderr.endswith("see --help.\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("issue_token", "device", "a"),
        ("run_controller", "--until-idle"),
        ("simulate_devices", "--fast", "--count", "1"),
        ("verify_views",),
        ("createsuperuser", "--no-input", "--username", "ada", "--email", ""),
    ],
)
def test_a_machine_that_is_not_set_up_is_told_how(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = manage(tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (2, NOT_MIGRATED)


def test_a_calculator_that_cannot_begin_ends_with_the_sentence(tmp_path: Path) -> None:
    done = manage(tmp_path, "run_calculator", "--until-idle")
    assert done.returncode == 2
    assert done.stderr.endswith(f"\n{NOT_MIGRATED}")
    assert "Traceback" not in done.stderr


def test_a_reformer_that_cannot_go_on_logs_it_and_ends_with_the_sentence(tmp_path: Path) -> None:
    done = manage(tmp_path, "run_reformer", "--until-idle")
    assert done.returncode == 1
    assert done.stderr.endswith(f"\n{NOT_MIGRATED}")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["verify_views", "migrate", "run_stack"])
def test_a_mistake_in_the_settings_is_one_sentence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOT_LOG__BACKEND", "nowhere.Log")
    done = manage(tmp_path, name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Setting log.backend: nowhere.Log cannot be imported: No module named 'nowhere'.\n"


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--port=99999", "Cannot listen on 127.0.0.1 port 99999: bind(): port must be 0-65535.\n"),
        ("--fd=77", "--fd 77 is no listening socket: Bad file descriptor.\n"),
    ],
)
def test_a_place_where_nobody_can_listen_is_one_sentence(option: str, sentence: str, tmp_path: Path) -> None:
    done = manage(tmp_path, "run_web", option)
    assert (done.returncode, done.stderr) == (2, sentence)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("migrat",), "There is no command 'migrat'; did you mean migrate?\n"),
        (("xyz",), "There is no command 'xyz'; `manage.py help` lists them all.\n"),
        (("migrate", "nobody"), "No installed app with label 'nobody'.\n"),
    ],
)
def test_what_is_not_there_is_named(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = manage(tmp_path, *arguments)
    assert done.returncode in (1, 2)
    assert done.stderr == sentence
