"""Makes each mistake in a copy of the code and lets the tests look for it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue

from tests.mutations.mutation import DoesNotApply, Mutation

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = (".git", ".venv", "node_modules", "var", "build", "__pycache__", ".*_cache", ".hypothesis", "sample_data")
PATIENCE_S = 180
FAILED = 1
"""Pytest's status when a test failed; others say that it never came so far."""
NO_END = -1


class Fate(StrEnum):
    """What became of a mutation."""

    KILLED = "killed"
    SURVIVED = "survived"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Result:
    mutation: Mutation
    fate: Fate
    seconds: float
    said: str


def copy(target: Path) -> Path:
    """The code without what is made from it."""
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return target


def run(mutations: Sequence[Mutation], folder: Path, *, at_once: int = 2) -> Iterator[Result]:
    """The results, in the order in which they are known. Makes `at_once` copies below `folder`."""
    copies: SimpleQueue[Path] = SimpleQueue()
    for number in range(at_once):
        copies.put(copy(folder / str(number)))

    def one(mutation: Mutation) -> Result:
        place = copies.get()
        try:
            return judge(mutation, place)
        finally:
            copies.put(place)

    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(one, mutations)


def judge(mutation: Mutation, place: Path) -> Result:
    """Makes the mistake in the copy at `place`, runs its tests, and takes it back."""
    file, begun = place / mutation.file, time.monotonic()
    good = file.read_text()
    try:
        file.write_text(mutation.applied(good))
        status, said = tests(place, mutation.killed_by)
    except DoesNotApply as error:
        return Result(mutation, Fate.BROKEN, 0.0, str(error))
    finally:
        file.write_text(good)
    return Result(mutation, _fate(status), time.monotonic() - begun, said)


def _fate(status: int) -> Fate:
    return {0: Fate.SURVIVED, FAILED: Fate.KILLED}.get(status, Fate.BROKEN)


def tests(place: Path, names: Sequence[str]) -> tuple[int, str]:
    """Pytest's status and its last lines."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.mutations.hasty",
        *names,
    ]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("IOT_")}
    surroundings |= {
        "IOT_DATA_DIR": str(place / "var"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_PROFILE": "default",
    }
    try:
        done = subprocess.run(
            command, cwd=place, env=surroundings, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return NO_END, f"no end within {PATIENCE_S} s: nobody knows"
    return done.returncode, "\n".join(done.stdout.splitlines()[-12:]) + done.stderr[-500:]
