"""What a process of ours is sent to do where no command does just that."""

import asyncio
import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
from django.utils import timezone

from blackboard.controller import Controller
from blackboard.loop import now_ms
from events.ingest.writer import Writer
from events.log import get_log
from events.models import DeadLetter
from views_engine import exports, pruning
from views_engine.alerts.models import MirrorStanding, Revision, Rule
from views_engine.calculator.files import store_path
from views_engine.calculator.process import Service
from views_engine.calculator.store import read_standing
from views_engine.models import Export
from views_engine.notifying.delivery import deliver_due
from views_engine.notifying.models import Channel, Delivery
from views_engine.verify.digest import digests

NOON = 1_769_860_800_000
DEVICES = 5
EVENTS = 120


def send(folder: Path) -> None:
    """One request at the door: readings, a way, some late, one twice, one that is nonsense, one of a stranger."""
    devices = [f"meter-{number}" for number in range(DEVICES)]
    lines = [_line(number) for number in range(EVENTS)]
    lines += [lines[7], b"not JSON", lines[8].replace(b"meter-", b"stranger-")]
    _write(lines, [devices[0]] * len(lines))


def send_more(folder: Path) -> None:
    """A second request, partly older than the first."""
    lines = [_line(number) for number in range(EVENTS, EVENTS + 40)] + [_line(-number) for number in range(1, 20)]
    _write(lines, ["meter-0"] * len(lines))


def _line(number: int) -> bytes:
    at = datetime.fromtimestamp((NOON + (number * 37 % 200) * 30_000 + number) / 1000, UTC)
    kind = ("temperature", "battery", "location")[number % 3]
    payload = {"latitude": number / 100, "longitude": 7} if kind == "location" else {"value": number % 100}
    event = {
        "device_id": f"meter-{number % DEVICES}",
        "event_type": kind,
        "event_id": f"e{number}",
        "observed_at": at.isoformat(timespec="milliseconds"),
        "payload": payload,
    }
    return json.dumps(event).encode()


def _write(lines: list[bytes], devices: list[str]) -> None:
    async def write() -> None:
        writer = Writer(get_log(), clock=now_ms)
        await writer.write(lines, devices)
        writer.close()

    asyncio.run(write())


def register_devices(folder: Path) -> None:
    from devices.models import Device

    Device.objects.bulk_create(Device(device_id=f"meter-{number}") for number in range(DEVICES))
    Channel.objects.create(name="mail", kind="email", target={"to": ["ops@example.com"]})


def write_segments(folder: Path) -> None:
    if not pruning.write_segments():
        raise SystemExit("no segment was full")


def trim(folder: Path) -> None:
    pruning.prune_logs()


def decide(folder: Path) -> None:
    """A calculator registers, and a controller looks."""
    with _serving():
        Controller().step()


def export(folder: Path) -> None:
    with _serving():
        Controller().step()
        waiting = Export.objects.create(what=Export.What.EVENTS, form=Export.Form.NDJSON)
        exports.run(waiting.pk)
        waiting.refresh_from_db()
        if waiting.status != Export.Status.DONE:
            raise SystemExit(waiting.error)


def put_a_rule(folder: Path) -> None:
    """Somebody decides; who was not told that it was taken down decides once more."""
    if not Rule.objects.exists():
        Rule.objects.create(
            name="warm",
            kind="threshold",
            event_type="temperature",
            parameters={"operator": ">", "value": 50},
            effective_from=datetime(2020, 1, 1, tzinfo=UTC),
        )


def mirror(folder: Path) -> None:
    """A live calculator's records come to where its views are."""
    with _serving() as service:
        Controller().step()
        until = time.monotonic() + 10
        while not MirrorStanding.objects.filter(position=service.calculator.store.standing.position).exists():
            if time.monotonic() > until:
                raise SystemExit("the records did not follow")
            time.sleep(0.02)


def deliver(folder: Path) -> None:
    """Once what was written is due, and once more when every claim has run out."""
    now = timezone.now()
    deliver_due(clock=lambda: now)
    deliver_due(clock=lambda: now + timedelta(hours=1))


@contextmanager
def _serving() -> Iterator[Service]:
    service = Service(shard=0, name="calculator-0")
    service.start(when_replaced=lambda: None)
    try:
        yield service
    finally:
        service.close()


def calculate_on_a_full_disk(folder: Path) -> None:
    """Once everything is open, no file may grow beyond a few kilobytes, as though there were no room."""
    with _serving() as service:
        service.calculator.tether(0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        try:
            while service.step():
                continue
        finally:  # there has to be room for the last words
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def heal_on_a_full_disk(folder: Path) -> None:
    """There is room for the small files of a log, and none for a store."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    with _serving():
        return


def _message_ids(folder: Path) -> set[str]:
    """Of all mails sent; one file may hold several."""
    lines = (line for mail in folder.glob("*") for line in mail.read_text().splitlines())
    return {line for line in lines if line.startswith("Message-ID:")}


def damage(folder: Path) -> None:
    with store_path("calculator-0").open("r+b") as file:
        file.write(bytes(4096))


def forget_the_store(folder: Path) -> None:
    for path in store_path("calculator-0").parent.glob("calculator-0.duckdb*"):
        path.unlink()


def tell(folder: Path) -> None:
    """Writes down how things stand, for the test to compare."""
    with duckdb.connect(str(store_path("calculator-0")), read_only=True) as db:
        standing = read_standing(db)
        found = {
            "digests": digests(db),
            "fates": dict(db.execute("SELECT fate, count FROM fates").fetchall()),
            "events": db.execute("SELECT count(*), count(DISTINCT event_id) FROM events").fetchone(),
            "raw_events": standing.raw_events,
            "letters": DeadLetter.objects.count(),
            "rules": db.execute("SELECT count(*), count(DISTINCT body) FROM rule_versions").fetchone(),
            "alerts": list(
                Revision.objects.order_by("alert__device_id", "alert__started_at", "revision").values_list(
                    "alert__device_id", "change"
                )
            ),
            "messages": sorted(Delivery.objects.values_list("key", "state")),
            "mails": len(_message_ids(folder / "mail")),
        }
    with suppress(FileNotFoundError):
        (folder / "told.json").unlink()
    (folder / "told.json").write_text(json.dumps(found))
