from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from rest_framework.test import APIClient

from devices.models import Device
from events import dead_letters
from events.dead_letters import NotReplayable, ReplayedAlready, StillRefused, fix_and_replay
from events.event_types import BUILT_IN
from events.letter import Letter
from events.log.base import Entry, Log, LogUnavailable, Topic
from events.log.memory import MemoryLog
from events.models import DeadLetter
from events.records import Fate, Source
from events.tests.reforming import NOON, Bench, line

URL = "/api/v1/dead-letters"

pytestmark = pytest.mark.django_db


def letter(arrival: int = 0, **changed: Any) -> Letter:
    good: dict[str, Any] = {
        "shard": 0,
        "arrival": arrival,
        "reason": Fate.INVALID,
        "detail": "why",
        "received_at": NOON,
        "raw": line(),
        "device_id": "a",
    }
    return Letter(**{**good, **changed})


def kept(arrival: int = 0, **changed: Any) -> DeadLetter:
    dead_letters.record([letter(arrival, **changed)])
    return DeadLetter.objects.get(arrival=arrival)


def replay(row: DeadLetter, log: Log, raw: str | None = None, **changed: Any) -> DeadLetter:
    parts: dict[str, Any] = {"log": log, "types": BUILT_IN, "known": lambda ids: {"a"} & ids, "now": NOON + 9}
    return fix_and_replay(row, raw, **{**parts, **changed})


def test_the_same_letter_again_changes_nothing() -> None:
    dead_letters.record([letter(0), letter(1)])
    dead_letters.record([letter(1, detail="otherwise"), letter(2)])
    assert list(DeadLetter.objects.order_by("arrival").values_list("arrival", "detail")) == [
        (0, "why"),
        (1, "why"),
        (2, "why"),
    ]


def test_letters_from_an_arrival_on_are_forgotten() -> None:
    dead_letters.record([letter(0), letter(1), letter(2), letter(1, shard=1)])
    dead_letters.forget(0, 1)
    assert list(DeadLetter.objects.order_by("shard", "arrival").values_list("shard", "arrival")) == [(0, 0), (1, 1)]


def test_a_replay_is_a_new_arrival() -> None:
    log = MemoryLog()
    row = replay(kept(), log)
    (record,) = log.read(Topic.RAW, 0, 0)
    assert (record.value, record.timestamp, record.headers["source"]) == (line(), NOON + 9, Source.REPLAY)
    row.refresh_from_db()
    assert row.replayed_at == datetime.fromtimestamp((NOON + 9) / 1000, UTC)


def test_a_mended_letter_may_be_written_on_several_lines() -> None:
    log = MemoryLog()
    mended = orjson.dumps(orjson.loads(line(value=3)), option=orjson.OPT_INDENT_2).decode()
    row = replay(kept(raw=b"garbage"), log, mended)
    (record,) = log.read(Topic.RAW, 0, 0)
    assert (record.events, orjson.loads(record.value)["payload"]["value"]) == (1, 3)
    row.refresh_from_db()
    assert row.text == mended


def test_a_whole_record_is_replayed_line_by_line() -> None:
    log = MemoryLog()
    replay(kept(raw=line() + b"\n" + line(at=NOON + 1), events=2), log)
    assert [record.value for record in log.read(Topic.RAW, 0, 0)] == [line(), line(at=NOON + 1)]


def test_an_event_without_a_time_keeps_that_of_its_first_receipt() -> None:
    log = MemoryLog()
    replay(kept(raw=line(at=None)), log)
    assert log.read(Topic.RAW, 0, 0)[0].timestamp == NOON


def test_what_would_be_refused_again_is_not_replayed() -> None:
    log, row = MemoryLog(), kept(raw=b'{"device_id": "a"}')
    with pytest.raises(StillRefused, match="event_type is required"):
        replay(row, log)
    assert log.read(Topic.RAW, 0, 0) == []
    row.refresh_from_db()
    assert row.replayed_at is None


def test_an_unknown_device_is_created_first() -> None:
    log, row = MemoryLog(), kept(raw=line("stranger"), reason=Fate.UNKNOWN_DEVICE)
    with pytest.raises(NotReplayable, match="the device stranger is still unknown: create it first"):
        replay(row, log)
    replay(row, log, known=lambda ids: ids)
    assert len(log.read(Topic.RAW, 0, 0)) == 1


def test_once_is_enough_unless_somebody_insists() -> None:
    log, row = MemoryLog(), kept()
    replay(row, log)
    with pytest.raises(ReplayedAlready):
        replay(row, log)
    replay(row, log, force=True)
    assert len(log.read(Topic.RAW, 0, 0)) == 2


class Full(MemoryLog):
    def append(self, topic: Topic, entries: Any) -> None:
        raise LogUnavailable("the disk is full")


def test_a_letter_that_the_log_does_not_take_stays_as_it_was() -> None:
    row = kept()
    with pytest.raises(LogUnavailable):
        replay(row, Full())
    assert DeadLetter.objects.get(pk=row.pk).replayed_at is None


def test_a_future_event_replayed_too_early_is_a_new_letter() -> None:
    bench = Bench(MemoryLog(), keep_letters=dead_letters.record)
    bench.send(line(at=NOON + 10**9))
    bench.reformer().step()
    bench.now += 10
    replay(DeadLetter.objects.get(), bench.log, now=bench.now)
    bench.reformer().step()
    assert list(DeadLetter.objects.order_by("arrival").values_list("arrival", "reason")) == [
        (0, "future"),
        (1, "future"),
    ]
    bench.now += 10**9
    replay(DeadLetter.objects.get(arrival=1), bench.log, now=bench.now)
    bench.reformer().step()
    assert [row["aside"] for row in bench.rows()] == ["future", "future", None]


def test_the_list_shows_exactly_these_fields(viewer: APIClient) -> None:
    row = kept(raw=b"\xff{", detail="not_json: no")
    assert viewer.get(URL).json() == {
        "results": [
            {
                "id": row.pk,
                "reason": "invalid",
                "detail": "not_json: no",
                "device_id": "a",
                "received_at": "2026-02-02T02:40:00.000Z",
                "raw": "\\xff{",
                "replayed_at": None,
            }
        ],
        "next": None,
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [3, 2, 1, 0]),
        ({"reason": "future"}, [1]),
        ({"device_id": "b"}, [2]),
        ({"device_id": "nobody"}, []),
        ({"from": "2026-02-02T02:40:00.001Z"}, [3]),
        ({"to": "2026-02-02T03:40:00.001+01:00"}, [2, 1, 0]),
        ({"replayed": "true"}, [0]),
        ({"replayed": "false"}, [3, 2, 1]),
    ],
)
def test_the_list_is_filtered(viewer: APIClient, asked: dict[str, str], found: list[int]) -> None:
    dead_letters.record(
        [
            letter(0),
            letter(1, reason=Fate.FUTURE),
            letter(2, device_id="b"),
            letter(3, received_at=NOON + 1),
        ]
    )
    DeadLetter.objects.filter(arrival=0).update(replayed_at=datetime.now(UTC))
    rows = viewer.get(URL, asked).json()["results"]
    assert [DeadLetter.objects.get(pk=row["id"]).arrival for row in rows] == found


@pytest.mark.parametrize(
    "asked",
    [
        {"reason": "applied"},
        {"from": "yesterday"},
        {"from": "2026-01-01T00:00:00"},
        {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
        {"replayed": "perhaps"},
        {"nonsense": "1"},
        {"limit": "0"},
        {"cursor": "x"},
    ],
)
def test_nonsense_is_refused(viewer: APIClient, asked: dict[str, str]) -> None:
    assert viewer.get(URL, asked).status_code == 400


def test_the_api_mends_and_replays_once(operator: APIClient, raw_log: Log) -> None:
    Device.objects.create(device_id="a")
    row = kept(raw=b"garbage")
    url = f"{URL}/{row.pk}/replay"
    refused = operator.post(url)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not_json")
    answer = operator.post(url, {"raw": line().decode()}, format="json")
    assert (answer.status_code, answer.json()["raw"]) == (200, line().decode())
    assert answer.json()["replayed_at"] is not None
    again = operator.post(url)
    assert (again.status_code, again.json()["detail"]) == (409, "Not replayed: it was replayed already.")
    assert operator.post(url, {"force": True}, format="json").status_code == 200
    assert len(raw_log.read(Topic.RAW, 0, 0)) == 2


def test_replaying_takes_an_operator_and_a_letter(viewer: APIClient, operator: APIClient) -> None:
    assert viewer.post(f"{URL}/{kept().pk}/replay").status_code == 403
    assert operator.post(f"{URL}/999999/replay").status_code == 404


@pytest.fixture
def boss(admin_client: Any, raw_log: Log) -> Any:
    Device.objects.create(device_id="a")
    return admin_client


def test_the_admin_mends_and_replays(boss: Any, raw_log: Log) -> None:
    row = kept(raw=b"\xff")
    assert b"\\xff" in boss.get(f"/admin/events/deadletter/{row.pk}/change/").content
    boss.post(f"/admin/events/deadletter/{row.pk}/change/", {"mended": "\\xff"})
    assert bytes(DeadLetter.objects.get().raw) == b"\xff"
    boss.post(f"/admin/events/deadletter/{row.pk}/change/", {"mended": line().decode()})
    answer = boss.post("/admin/events/deadletter/", {"action": "replay", "_selected_action": [row.pk]}, follow=True)
    assert b"1 replayed." in answer.content
    assert [record.value for record in raw_log.read(Topic.RAW, 0, 0)] == [line()]


@pytest.mark.parametrize("page", ["deadletter", "eventtype", "segment", "eventtype/add"])
def test_the_admin_shows_every_table(admin_client: Any, page: str) -> None:
    kept()
    assert admin_client.get(f"/admin/events/{page}/").status_code == 200


def test_entries_of_a_replay_belong_to_the_shard_of_their_device() -> None:
    log = MemoryLog(shards=4)
    entry = Entry(shard=3, value=line(), timestamp=0)
    replay(kept(shard=2), log)
    assert len(log.read(Topic.RAW, entry.shard, 0)) == 1
