"""`python -m tests.simulation [--seconds N] [--first SEED] [--seed SEED]`: histories by seed until the time is over."""

import argparse
import sys
import time

import structlog

from tests.simulation.history import History, generate
from tests.simulation.shrink import shrink
from tests.simulation.world import failure

TELL_S = 5.0


def main() -> int:
    options = _options()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    if options.seed is not None:
        return _one(options.seed)
    began = said = time.monotonic()
    seed = options.first
    while time.monotonic() - began < options.seconds:
        if failure(generate(seed)):
            return _one(seed)
        seed += 1
        if time.monotonic() - said > TELL_S:
            said = time.monotonic()
            _say(seed - options.first)
    _say(seed - options.first)
    return 0


def _one(seed: int) -> int:
    """Runs a seed; a failing one is made small and told."""
    history = generate(seed)
    wrong = failure(history)
    if not wrong:
        print(f"seed {seed}: nothing goes wrong")
        return 0
    small = shrink(history, lambda part: _kind(failure(part)) == _kind(wrong))
    print(f"seed {seed} fails; run it alone: python -m tests.simulation --seed {seed}\n")
    print(told(small))
    print(f"\n{failure(small)}")
    return 1


def told(history: History) -> str:
    """The history as people read it, an act a line."""
    return "\n".join(f"{number:3} {act}" for number, act in enumerate(history, 1))


def _kind(wrong: str) -> str:
    return wrong.split(":")[0]


def _say(histories: int) -> None:
    """How many, and how many a core does in a minute that it has for itself."""
    rate = 60 * histories / time.process_time()
    print(f"{histories:,} histories, {rate:,.0f} a minute of one core", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Runs histories by seed.")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default 60)")
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="the first seed (default 1)")
    parser.add_argument("--seed", type=int, help="only this one; a failing one is shrunk")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
