"""`simulate_devices`: the demo fleet, or recorded data as if it happened now."""

import signal
import threading
import time
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings

from commandline import base
from commandline.base import Mistake
from events.importing.block import ImportMistake
from events.log import get_log
from events.log.base import LogUnavailable
from events.simulation import replay
from events.simulation.enrolment import enrol
from events.simulation.pacing import Sender
from events.simulation.session import FAST_EVENTS, Plan, cast, run
from events.simulation.sinks import FileSink, HttpSink, LogSink, Sink, SinkFailed
from events.simulation.traffic import MOST_LATE

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Command(base.Command):
    help = "Sends the events of a made-up fleet; with the same seed, the same events every time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--devices", type=positive, default=50, metavar="N")
        parser.add_argument("--rate", type=above_zero, default=20.0, metavar="R", help="events a second, all together")
        parser.add_argument("--late", type=share, default=0.1, metavar="SHARE", help=f"0 … {MOST_LATE}")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument(
            "--fast",
            action="store_true",
            help=f"as fast as can be, with simulated receive times ({FAST_EVENTS:,} events unless told otherwise)",
        )
        parser.add_argument(
            "--history", type=seconds, default=0.0, metavar="24h", help="first fill the past so far back"
        )
        parser.add_argument("--duration", type=seconds, metavar="10m", help="end after this time of the fleet")
        parser.add_argument("--count", type=positive, metavar="N", help="end after so many events")
        parser.add_argument(
            "--no-faults", action="store_true", help="no wrong clocks, garbage, lost or cut off messages"
        )
        parser.add_argument("--no-custom", action="store_true", help="built-in event types only")
        parser.add_argument(
            "--story", action="store_true", help="one device more, which falls silent and comes back every five minutes"
        )
        parser.add_argument("--replay", choices=sorted(replay.SETS), help="recorded data instead of the fleet")
        parser.add_argument("--speed", type=above_zero, default=60.0, metavar="X", help="how much faster to replay")
        parser.add_argument("--url", help="send to this address over HTTP instead of into the log of this machine")
        parser.add_argument("--token", default="", help="the gateway token for --url")
        parser.add_argument("--output", type=Path, metavar="FILE", help="write NDJSON for import_events instead")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = _plan(options)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            with closing(_sink(options, stop)) as sink:
                sender = Sender(sink, most=plan.most, stopped=stop.is_set)
                told = cast(plan, now_s=time.time(), stamped=not options["url"])
                if isinstance(sink, LogSink):
                    enrol(told.names)
                run(plan, sender, told.bursts, clock=time.time, rest=stop.wait)
        except (ImportMistake, SinkFailed, LogUnavailable) as error:
            raise Mistake(str(error)) from None
        self.stdout.write(f"{sender.sent:,} events sent, {sink.refused:,} of them refused.")


def _plan(options: dict[str, Any]) -> Plan:
    return Plan(
        devices=options["devices"],
        rate=options["rate"],
        late=options["late"],
        seed=options["seed"],
        fast=options["fast"] or options["output"] is not None,
        faults=not options["no_faults"],
        custom=not options["no_custom"],
        story=options["story"],
        history_s=options["history"],
        count=options["count"],
        duration_s=options["duration"],
        recording=options["replay"],
        speed=options["speed"],
        samples=settings.BASE_DIR / "sample_data",
    )


def _sink(options: dict[str, Any], stop: threading.Event) -> Sink:
    if options["output"]:
        return FileSink(options["output"])
    if options["url"]:
        return HttpSink(options["url"], options["token"], pause=stop.wait)
    return LogSink(get_log())


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def above_zero(text: str) -> float:
    return _number(text, lambda number: number > 0, "a number above 0")


def share(text: str) -> float:
    return _number(text, lambda number: 0 <= number <= MOST_LATE, f"a share between 0 and {MOST_LATE}")


def seconds(text: str) -> float:
    """`90`, `90s`, `10m`, `24h`, `7d`."""
    unit = UNITS.get(text[-1:], 1)
    return unit * _number(text.rstrip("smhd"), lambda number: number >= 0, "a time like 90s, 10m, 24h or 7d")


def _number(text: str, good: Any, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not good(number) or number == float("inf"):
        raise ArgumentTypeError(f"{text!r} is not {what}")
    return number
