import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from iotproject.config import ROOT
from iotproject.metrics import Processes, forget, process_name

COUNT = """
import sys
from pathlib import Path
from iotproject import metrics
metrics.join(Path(sys.argv[1]), sys.argv[2])
from prometheus_client import Counter, Gauge, Histogram
Counter("iot_things_total", "Things.", ["kind"]).labels("a").inc(float(sys.argv[3]))
Gauge("iot_depth", "Depth.").set(float(sys.argv[3]))
Histogram("iot_wait_seconds", "Waiting.", buckets=[1.0]).observe(float(sys.argv[3]))
"""

# As the clock of Celery begins: every descriptor it inherited is closed, and their numbers go to other files.
FORK = """
import os, sys
from pathlib import Path
from iotproject import metrics
metrics.join(Path(sys.argv[1]), "tasks")
from prometheus_client import Counter
things = Counter("iot_things_total", "Things.")
things.inc()
if child := os.fork():
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os.closerange(3, 64)
others = [open(os.devnull) for _ in range(8)]
things.inc(4)
assert all(os.path.samestat(os.fstat(other.fileno()), os.stat(os.devnull)) for other in others)
print(os.getpid())
"""


def count(folder: Path, process: str, amount: int) -> None:
    subprocess.run([sys.executable, "-c", COUNT, str(folder), process, str(amount)], cwd=ROOT, check=True)


def exposed(folder: Path) -> str:
    registry = CollectorRegistry()
    registry.register(Processes(folder / "metrics"))
    return generate_latest(registry).decode()


@pytest.mark.parametrize(
    ("command_line", "name"),
    [
        ("manage.py run_web --fd 4", "web"),
        ("manage.py run_calculator --shard 1", "calculator-1"),
        ("manage.py run_calculator --shard=2 --until-idle", "calculator-2"),
        ("manage.py run_calculator", "calculator-0"),
        ("manage.py run_calculator --shard 1 --name calculator-1-b", "calculator-1-b"),
        ("manage.py run_stack", None),
        ("manage.py migrate", None),
        ("manage.py", None),
    ],
)
def test_a_process_is_named_after_what_it_runs(command_line: str, name: str | None) -> None:
    assert process_name(command_line.split()) == name


def test_every_process_is_told_apart(tmp_path: Path) -> None:
    count(tmp_path, "web", 2)
    count(tmp_path, "calculator-0", 3)

    text = exposed(tmp_path)

    assert 'iot_things_total{kind="a",process="web"} 2.0' in text
    assert 'iot_things_total{kind="a",process="calculator-0"} 3.0' in text
    assert 'iot_depth{process="calculator-0"} 3.0' in text
    assert 'iot_wait_seconds_bucket{le="+Inf",process="web"} 1.0' in text


def test_a_restarted_process_goes_on_counting(tmp_path: Path) -> None:
    count(tmp_path, "web", 2)
    count(tmp_path, "web", 5)

    assert 'iot_things_total{kind="a",process="web"} 7.0' in exposed(tmp_path)


def test_a_forked_process_counts_apart_and_closes_nothing_of_others(tmp_path: Path) -> None:
    forked = subprocess.run([sys.executable, "-c", FORK, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)

    text = exposed(tmp_path)

    assert 'iot_things_total{process="tasks"} 1.0' in text
    assert f'iot_things_total{{process="tasks-{int(forked.stdout)}"}} 4.0' in text


def test_a_process_that_is_gone_is_down(tmp_path: Path) -> None:
    count(tmp_path, "web", 1)

    assert 'process_up{process="web"} 0.0' in exposed(tmp_path)


def test_an_earlier_run_can_be_forgotten(tmp_path: Path) -> None:
    count(tmp_path, "web", 1)
    forget(tmp_path)

    assert "iot_things" not in exposed(tmp_path)
