"""A stack of its own for one benchmark, and what it says about itself."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.fleet import define_types
from tests.stack.running import RunningStack


@contextmanager
def fresh_stack(environment: Mapping[str, str] | None = None) -> Iterator[RunningStack]:
    """Running and ready, in a data directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        stack = RunningStack(Path(folder) / "data", {"IOT_LOGGING__LEVEL": "WARNING", **(environment or {})})
        stack.data_dir.mkdir()
        stack.start()
        try:
            stack.wait_until_ready()
            define_types(stack)
            yield stack
        finally:
            stack.kill()


class Api:
    """The API as a person asks it."""

    def __init__(self, stack: RunningStack) -> None:
        self.stack = stack
        self.headers = stack.administrator()
        self._client = httpx.Client(base_url=f"{stack.address}/api/v1/", headers=self.headers, timeout=60)

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        answer = self._client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def settle(self, received: int, timeout_s: float = 600) -> dict[str, Any]:
        """Waits until so many events were received and none is pending; the ledger, which must balance."""
        ledger: dict[str, Any] = {}

        def settled() -> bool:
            ledger.update(self.get("ledger"))
            return bool(ledger["received"] == received and ledger["pending"] == 0)

        self.stack.wait_for(settled, timeout_s, f"{received} events to be applied")
        assert received == sum(count for fate, count in ledger.items() if fate not in ("received", "version"))
        assert ledger["invalid"] == ledger["unknown_device"] == ledger["conflict"] == 0, ledger
        return ledger
