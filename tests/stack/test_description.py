"""The running site answers as its OpenAPI description says, whatever it is asked."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.stack.running import RunningStack

HERE = Path(__file__).parent
EVENTS = [
    {"device_id": f"meter-{number}", "event_type": event_type, "payload": payload}
    for number in range(3)
    for event_type, payload in (
        ("temperature", {"value": 21.5}),
        ("battery", {"value": 80}),
        ("location", {"latitude": 50.5, "longitude": 3.25, "speed": 1}),
    )
]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunningStack]:
    running = RunningStack(tmp_path)
    running.start()
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.kill()


@pytest.mark.stack
@pytest.mark.timeout(400)
def test_nothing_is_found(stack: RunningStack) -> None:
    taken = httpx.post(f"{stack.address}/api/v1/events", json=EVENTS, headers=stack.gateway())
    assert taken.status_code == 202
    (credentials,) = stack.administrator().values()
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            f"--config-file={HERE / 'schemathesis.toml'}",
            "run",
            f"{stack.address}/api/v1/schema",
            f"--header=Authorization: {credentials}",
            "--phases=examples,coverage,fuzzing",
            "--max-examples=5",
            "--generation-allow-x00=false",
            "--generation-database=none",
            "--seed=1",
            "--no-color",
        ],
        cwd=stack.data_dir,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
