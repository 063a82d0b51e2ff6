"""Events of simulated devices, 10 % of them late and 1 % doubled, of every type: in files, or in bodies to post."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from events.simulation.fleet import START_S, generate
from tests.stack.running import RunningStack

DEVICES = 1000
LATE = 0.1
SEED = 1
MONTH_S = -30 * 86_400

_DEFINE = "from events.simulation.enrolment import enrol; enrol({})"


def write_files(folder: Path, events: int, *, at_most: int = 1_000_000) -> list[Path]:
    """NDJSON files with so many events in order of arrival, their times of receipt included."""
    lines = (line for _, line in generate(DEVICES, events, LATE, SEED))
    files: list[Path] = []
    while part := list(islice(lines, at_most)):
        files.append(folder / f"events-{len(files)}.ndjson")
        files[-1].write_bytes(b"\n".join(part) + b"\n")
    return files


def bodies(events: int, each: int, *, month: int = 0) -> Iterator[bytes]:
    """Bodies of `each` events to post; another month's are other events."""
    start_s = START_S + month * MONTH_S
    lines = (line for _, line in generate(DEVICES, events, LATE, SEED, start_s=start_s, stamped=False))
    while part := list(islice(lines, each)):
        yield b"\n".join(part)


def define_types(stack: RunningStack) -> None:
    """The fleet sends a custom type; without it those events would be refused."""
    defined = stack.manage("shell", "-c", _DEFINE)
    assert defined.returncode == 0, defined.stderr
