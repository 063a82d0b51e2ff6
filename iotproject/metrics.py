"""`/metrics`: what every process of this machine counted, each sample labelled with the process it comes from.

Every long-running process keeps its numbers in files of its own under `<data dir>/metrics`, named after it; whoever
is asked reads them all. A process that was started again goes on counting where it was killed.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Metric, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.samples import Sample

from iotproject import resources

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def process_name(arguments: Sequence[str]) -> str | None:
    """What the process started by this command line is called; None for a command that ends by itself.

    >>> process_name(["manage.py", "run_calculator", "--shard", "1"])
    'calculator-1'
    >>> process_name(["manage.py", "run_calculator", "--shard", "1", "--name", "calculator-1-b"])
    'calculator-1-b'
    """
    command = arguments[1] if len(arguments) > 1 else ""
    if not command.startswith("run_") or command == "run_stack":
        return None
    name = command.removeprefix("run_")
    if name != "calculator":
        return name
    return _option(arguments, "--name") or f"{name}-{_option(arguments, '--shard') or 0}"


def _option(arguments: Sequence[str], name: str) -> str | None:
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if argument == name:
            return following
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return None


def join(data_dir: Path, name: str) -> None:
    """Makes this process count under `name`; to be called before anything declares a metric."""
    folder = data_dir / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[FOLDER] = str(folder)
    first = os.getpid()

    def identify() -> str:
        return name if os.getpid() == first else f"{name}-{os.getpid()}"

    values.ValueClass = let_go_on_fork(values.MultiProcessValue(identify))  # type: ignore[no-untyped-call]
    (folder / f"{name}.pid").write_text(str(first))


def let_go_on_fork(kind: Any) -> Any:
    """The library's kind of value, made so that a forked process closes the files it inherits at once.

    The library closes them when that process first counts. The clock of Celery has closed every descriptor by then, and
    what it opened since has their numbers: the database, for one.
    """
    counting = []

    class Value(kind):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            counting.append(self)

    os.register_at_fork(after_in_child=lambda: [value._file.close() for value in counting])
    return Value


def forget(data_dir: Path) -> None:
    """Deletes the numbers of an earlier run; only while nothing of ours runs."""
    for path in (data_dir / "metrics").glob("*"):
        if path.suffix in (".db", ".pid"):
            path.unlink(missing_ok=True)


class Processes:
    """Collects the files of all processes in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for process, files in self._files().items():
            for metric in MultiProcessCollector.merge(files):  # type: ignore[no-untyped-call]
                family = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                family.samples += labelled(metric, process)
        yield from families.values()
        yield from resources.collect(self._pids())

    def _files(self) -> dict[str, list[str]]:
        grouped = defaultdict(list)
        for path in sorted(self.folder.glob("*.db")):
            kind, _, rest = path.stem.partition("_")
            grouped[rest.partition("_")[2] if kind == "gauge" else rest].append(str(path))
        return grouped

    def _pids(self) -> dict[str, int]:
        return {path.stem: int(text) for path in sorted(self.folder.glob("*.pid")) if (text := path.read_text())}


def labelled(metric: Metric, process: str) -> Iterator[Sample]:
    """The samples of one process with its name instead of the number that the library gives it."""
    for sample in metric.samples:
        labels = {name: value for name, value in sample.labels.items() if name != "pid"}
        yield sample._replace(labels={**labels, "process": process})


def registry() -> CollectorRegistry:
    """What to expose: all processes when this one has joined them, else just this one."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return REGISTRY
    everything = CollectorRegistry()
    everything.register(Processes(Path(folder)))
    return everything


@csrf_exempt
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)


def join_by_command_line(data_dir: Path) -> None:
    """Joins under the name that the command line gives this process, if it gives one."""
    if name := process_name(sys.argv):
        join(data_dir, name)
