"""The demo: a person to log in as, a fleet that moves, and a look at whether the first page answers."""

import secrets
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
from django.contrib.auth import get_user_model
from django.utils import timezone

from events.log import get_log
from events.log.base import Topic
from events.simulation.roster import Roster
from iotproject.demo_rules import make_rules
from iotproject.programs import Program

NAME = "demo"
DEVICES, EVENTS_PER_S, HISTORY_H, SEED = 60, 20, 6, 1
REPLAY_SPEED = 600
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
FIRST_PAGE_S = 120.0
LOOK_S = 0.1


def demo_login(data_dir: Path, *, host: str) -> tuple[str, str]:
    """The name and password of the demo's administrator, who is made at need.

    On loopback the password is as well known as the name; reachable from elsewhere it is a random one that is kept in
    the data directory.
    """
    password = NAME if host in LOOPBACK else _kept_password(data_dir / ".demo_password")
    person, _ = get_user_model().objects.get_or_create(username=NAME, defaults={"is_staff": True, "is_superuser": True})
    if not person.check_password(password):
        person.set_password(password)
        person.save()
    return NAME, password


def _kept_password(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(12))
    return path.read_text()


def simulator(fleet: str, *, first_time: bool) -> Program:
    """The program that makes devices speak: the simulated fleet (`fleet` empty), or recorded data by its name."""
    options = ["--devices", str(DEVICES), "--rate", str(EVENTS_PER_S), "--seed", str(SEED), "--story"]
    if first_time:
        options += ["--history", f"{HISTORY_H}h"]
    if fleet:
        options = ["--replay", fleet, "--speed", str(REPLAY_SPEED)]
    return Program(name="simulator", arguments=("simulate_devices", *options), stage=0, patience_s=3.0)


def rules(fleet: str) -> None:
    """Rules for the simulated fleet, from the beginning of its history on; recorded data comes without."""
    if not fleet:
        make_rules(Roster(DEVICES, SEED), since=timezone.now() - timedelta(hours=HISTORY_H))


def nothing_sent_yet(shards: int) -> bool:
    return all(get_log().head(Topic.RAW, shard).events == 0 for shard in range(shards))


def when_it_answers(url: str, then: Callable[[bool], None], *, patience_s: float = FIRST_PAGE_S) -> threading.Thread:
    """Calls `then` once: with True when the page answers, with False when it has not for `patience_s` seconds."""

    def wait() -> None:
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            if answers(url):
                return then(True)
            time.sleep(LOOK_S)
        return then(False)

    waiting = threading.Thread(target=wait, name="first-page", daemon=True)
    waiting.start()
    return waiting


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
