"""A data directory that is put back between two crashes, and the processes that run in it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.stack.running import ROOT

ENVIRONMENT = {
    "IOT_LOGGING__FORMAT": "json",
    "IOT_REFORMER__SEGMENT_EVENTS": "40",
    "IOT_REFORMER__BATCH_SIZE": "50",
    "IOT_CALCULATOR__FOLD_ROWS": "60",
    "IOT_CALCULATOR__EVENTS_PER_STEP": "50",
    "IOT_LOG__KEEP_DAYS": "0.00000001",
    "IOT_BOARD__LEASE_S": "60",
}

Order = str | tuple[str, ...]
"""The name of an errand, or the words of a command."""


class Ground:
    """One data directory at a time; `put_back` begins anew from a state that was `kept`."""

    def __init__(self, folder: Path) -> None:
        self.data, self.words, self._states = folder / "data", folder / "words.log", folder / "states"
        self.data.mkdir(parents=True)
        self._forge = subprocess.Popen(
            [sys.executable, "-m", "tests.stack.crashing.forge"],
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT, "IOT_DATA_DIR": str(self.data)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == {"ready": True}

    def run(self, order: Order, *, crash_at: str = "") -> int:
        """The exit status of a process of its own; -9 when it was killed."""
        work: dict[str, Any] = {"errand": order} if isinstance(order, str) else {"command": order}
        assert self._forge.stdin
        sent = {**work, "crash_at": crash_at, "folder": str(self.data), "words": str(self.words)}
        self._forge.stdin.write(json.dumps(sent) + "\n")
        self._forge.stdin.flush()
        return int(self._answer()["status"])

    def well(self, *orders: Order) -> None:
        """All of them, one after the other; each has to end well."""
        for order in orders:
            status = self.run(order)
            assert status == 0, f"{order} ended with {status}; last words:\n{self.last_words()}"

    def told(self) -> dict[str, Any]:
        self.well("tell")
        found: dict[str, Any] = json.loads((self.data / "told.json").read_text())
        return found

    def keep(self, name: str) -> None:
        shutil.copytree(self.data, self._states / name)

    def put_back(self, name: str) -> None:
        shutil.rmtree(self.data)
        shutil.copytree(self._states / name, self.data)

    def last_words(self, letters: int = 4000) -> str:
        return self.words.read_bytes()[-letters:].decode(errors="replace") if self.words.exists() else ""

    def close(self) -> None:
        assert self._forge.stdin
        self._forge.stdin.close()
        self._forge.wait(10)

    def _answer(self) -> dict[str, Any]:
        assert self._forge.stdout
        line = self._forge.stdout.readline()
        assert line, "the forge has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer
