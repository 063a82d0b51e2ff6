"""`python -m tests.mutations [--only NAME …]`: makes every deliberate mistake and says which the tests noticed.

Exit status 1 if one survives, or cannot be made any more.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.mutations import MUTATIONS
from tests.mutations.mutation import Mutation
from tests.mutations.running import FAILED, Fate, Result, copy, run, tests


def main() -> int:
    asked = _arguments()
    chosen = [each for each in MUTATIONS if not asked.only or any(word in each.name for word in asked.only)]
    if not chosen:
        print(f"There is no mutation named {' or '.join(asked.only)}.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        if not asked.trust and not _good_without_mistakes(chosen, Path(folder)):
            return 2
        results = [_told(result) for result in run(chosen, Path(folder), at_once=asked.at_once)]
    return _summary(results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="those whose name holds one of these")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="so many side by side (2)")
    parser.add_argument("--trust", action="store_true", help="do not first see the tests pass without a mistake")
    return parser.parse_args()


def _good_without_mistakes(mutations: Sequence[Mutation], folder: Path) -> bool:
    """A test that fails anyway would kill everything."""
    names = sorted({test for mutation in mutations for test in mutation.killed_by})
    status, said = tests(copy(folder / "good"), names)
    if status:
        print(f"The tests do not pass without a mistake either:\n{said}", file=sys.stderr)
    return status == 0


def _told(result: Result) -> Result:
    print(f"{result.fate:8}  {result.seconds:5.1f} s  {result.mutation.name}", flush=True)
    if result.fate is not Fate.KILLED:
        print(f"          {result.mutation.why}\n{result.said}", flush=True)
    return result


def _summary(results: Sequence[Result]) -> int:
    killed = sum(result.fate is Fate.KILLED for result in results)
    print(f"{killed} of {len(results)} killed")
    return 0 if killed == len(results) else FAILED


if __name__ == "__main__":
    sys.exit(main())
