"""All figures, one after the other; `--write` puts the table into README.md; status 1 if a figure does not hold."""

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import failover, freshness, handover, history, import_events, late_event, memory, post, rules
from benchmarks.figure import HEAD, Figure, show

README = Path(__file__).with_name("README.md")
BENCHMARKS = (import_events, post, freshness, late_event, memory, rules, handover, failover, history)
BEGIN, END = "<!-- measured -->", "<!-- end -->"


def main() -> None:
    print(HEAD, flush=True)
    figures: list[Figure] = []
    for benchmark in BENCHMARKS:
        found = benchmark.main()
        show(found)
        figures += found
    if "--write" in sys.argv[1:]:
        write(figures)
    raise SystemExit(0 if all(figure.holds for figure in figures) else 1)


def write(figures: list[Figure]) -> None:
    text = README.read_text()
    table = "\n".join((HEAD, *(figure.row() for figure in figures)))
    before, after = text[: text.index(BEGIN)], text[text.index(END) :]
    README.write_text(f"{before}{BEGIN}\n{machine()}\n\n{table}\n{after}")


def machine() -> str:
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    model = models[0].split(":")[1].strip() if models else platform.machine()
    day = datetime.now(UTC).date().isoformat()
    return f"Measured on {day}: {os.cpu_count()} cores ({model}), Linux, Python {platform.python_version()}."


main()
