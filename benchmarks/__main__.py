"""All figures, one after the other; status 1 if one does not hold."""

from benchmarks import freshness, import_events, late_event, memory, post
from benchmarks.figure import HEAD, show


def main() -> None:
    print(HEAD, flush=True)
    missed = 0
    for benchmark in (import_events, post, freshness, late_event, memory):
        figures = benchmark.main()
        show(figures)
        missed += sum(not figure.holds for figure in figures)
    raise SystemExit(1 if missed else 0)


main()
