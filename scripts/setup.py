#!/usr/bin/env python3
"""Makes `.venv/` and the front-end files; quick when nothing changed, safe to repeat.

Needs a Python from 3.11 on and nothing else. `setup.py dev` also installs what tests and linting need.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
PACKAGE = re.compile(r"(?:Collecting|Requirement already satisfied:) ([^\s=<>~\[]+)")
NO_PIP = """This Python can make no environment: it has neither ensurepip nor pip.
On Debian and Ubuntu: apt-get install python3-venv"""


def main() -> int:
    if sys.version_info < OLDEST:
        return with_newer_python()
    requirements = ROOT / ("requirements-dev.txt" if "dev" in sys.argv[1:] else "requirements.txt")
    stamp = VENV / f".installed-{requirements.stem}"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not (PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted):
        started = time.monotonic()
        if not (make_environment() and install(requirements)):
            return 1
        stamp.write_text(wanted)
        say(f"Python packages are in .venv after {time.monotonic() - started:.0f} s.")
    return subprocess.run([PYTHON, ROOT / "scripts" / "frontend.py"], check=False).returncode


def with_newer_python() -> int:
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        if found := shutil.which(name):
            os.execv(found, [found, *sys.argv])
    say(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    return 1


def make_environment() -> bool:
    if PYTHON.exists():
        return True
    can_ensure = importlib.util.find_spec("ensurepip") is not None
    if not can_ensure and importlib.util.find_spec("pip") is None:
        say(NO_PIP)
        return False
    say("Making .venv …")
    options = [] if can_ensure else ["--without-pip"]
    return subprocess.run([sys.executable, "-m", "venv", *options, str(VENV)], check=False).returncode == 0


def install(requirements: Path) -> bool:
    """Installs with the environment's own pip, else with this Python's, and counts the packages as they come."""
    total = len(re.findall(r"^[a-zA-Z]", requirements.read_text(), re.MULTILINE))
    pip = subprocess.Popen(
        [*pip_command(), "install", "--disable-pip-version-check", "--requirement", str(requirements)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert pip.stdout
    names = (found[1] for line in pip.stdout if (found := PACKAGE.match(line)))
    for seen, name in enumerate(names, start=1):
        progress(f"[{min(seen, total)}/{total}] {name}")
    done = pip.wait() == 0
    progress("")
    return done


def pip_command() -> list[str]:
    if (VENV / "bin" / "pip").exists():
        return [str(PYTHON), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def progress(text: str) -> None:
    """One line that is written over on a terminal, plain lines elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
    elif text:
        sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
