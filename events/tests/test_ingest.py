"""Every answer of `POST /api/v1/events`."""

import asyncio
import gzip
import json
from typing import Any

import pytest

from events.event_types import BUILT_IN, EventTypes
from events.log.memory import MemoryLog
from events.records import Source
from events.tests.doors import Desk, FullLog, SmallLimits
from events.tests.lines import NOW, event, line


@pytest.fixture
def desk() -> Desk:
    return Desk()


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem of this answer, its form checked."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["status"] == status
    return body


async def test_one_event_is_taken(desk: Desk) -> None:
    answer = await desk.post(line())
    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"received": 1, "accepted": 1, "refused": 0, "errors": []}
    (record,) = desk.records()
    assert (record.value, record.events, record.timestamp) == (line(), 1, NOW)
    assert record.headers["source"] == Source.DOOR


@pytest.mark.parametrize("media", [None, "application/json", "Application/JSON; Charset=UTF-8"])
async def test_an_array_is_cut_into_lines(desk: Desk, media: str | None) -> None:
    answer = await desk.post(b" [" + line(seq=1) + b" ,\r\n" + line(seq=2) + b"]\n", media=media)
    assert answer.json()["accepted"] == 2
    assert desk.lines() == [line(seq=1), line(seq=2)]


async def test_a_spread_out_object_becomes_one_line_and_is_otherwise_kept(desk: Desk) -> None:
    await desk.post(json.dumps(event(), indent=1).encode())
    assert desk.lines() == [json.dumps(event(), indent=1).replace("\n", " ").encode()]


async def test_ndjson_may_have_blank_lines_and_carriage_returns(desk: Desk) -> None:
    answer = await desk.ndjson(b"", line(seq=1) + b"\r", b"  \t", line(seq=2), b"\r", b"")
    assert answer.json()["received"] == 2
    assert desk.lines() == [line(seq=1), line(seq=2)]


async def test_a_bad_line_in_the_middle_is_refused_alone(desk: Desk) -> None:
    answer = await desk.ndjson(line(seq=1), b'{"device_id": "device-1"', b"\xff\xfe", line(seq=2))
    assert answer.status_code == 202
    assert [(error["index"], error["code"]) for error in answer.json()["errors"]] == [(1, "not_json"), (2, "not_json")]
    assert desk.lines() == [line(seq=1), line(seq=2)]


async def test_a_bad_line_among_many_is_refused_alone(desk: Desk) -> None:
    good = [line(seq=number) for number in range(90)]
    answer = await desk.ndjson(*good[:50], b"{", *good[50:])
    assert (answer.json()["accepted"], answer.json()["errors"][0]["index"]) == (90, 50)
    assert desk.lines() == good


@pytest.mark.parametrize("body", [line(payload={"value": 5000}), b"[" + line(payload={"value": 5000}) + b"]"])
async def test_a_single_refused_event_is_a_problem(desk: Desk, body: bytes) -> None:
    (error,) = problem(await desk.post(body), 422)["errors"]
    detail = error.pop("detail")
    assert error == {"index": 0, "pointer": "/payload/value", "code": "out_of_range"}
    assert "1000" in detail
    assert desk.records() == []


async def test_a_batch_in_which_nothing_is_acceptable_is_a_problem(desk: Desk) -> None:
    body = problem(await desk.ndjson(b"{", line(seq=-1)), 422)
    assert [error["code"] for error in body["errors"]] == ["not_json", "out_of_range"]


async def test_errors_are_listed_up_to_a_thousand_and_counted_exactly() -> None:
    desk = Desk(limits=SmallLimits(max_events=5000, max_bytes=10**6))
    answer = (await desk.ndjson(*[b"{"] * 1500, line())).json()
    assert (answer["received"], answer["accepted"], answer["refused"]) == (1501, 1, 1500)
    assert [error["index"] for error in answer["errors"]] == list(range(1000))
    assert len(problem(await desk.ndjson(*[b"{"] * 1500), 422)["errors"]) == 1000


UNREADABLE = {
    "empty": b"",
    "blank": b" \n ",
    "only a byte order mark": b"\xef\xbb\xbf",
    "empty array": b"[]",
    "empty array with blanks": b" [ \n ] ",
    "number": b"5",
    "string": b'"event"',
    "null": b"null",
    "word": b"hello",
    "truncated object": line()[:-1],
    "truncated array": b"[" + line(),
    "trailing comma": b"[" + line() + b",]",
    "missing comma": b"[" + line() + line() + b"]",
    "two objects": line() + line(),
    "something behind": line() + b" x",
    "NaN": line().replace(b"21.5", b"NaN"),
    "Infinity": b"[" + line() + b"," + line().replace(b"21.5", b"Infinity") + b"]",
    "lone surrogate": line(note="?").replace(b"?", b"\\udc00"),
    "duplicate member": b"[" + line().replace(b'"seq"', b'"seq": 1, "seq"') + b"]",
    "duplicate in the payload": line().replace(b'"unit"', b'"value": 1, "unit"'),
    "line break in a string": line(note="a?b").replace(b"?", b"\n"),
    "not UTF-8": line(note="?").replace(b"?", b"\xe9"),
    "UTF-16": line().decode().encode("utf-16"),
    "deep": line(payload={"value": 1, "x": json.loads("[" * 31 + "]" * 31)}),
    "deep in an array": b"[" + line(payload={"value": 1, "x": json.loads("[" * 30 + "]" * 30)}) + b"]",
    "only brackets": b"[" * 10_000,
    "only braces": b'{"a":' * 2_000,
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_a_body_that_cannot_be_read_at_all(desk: Desk, body: bytes) -> None:
    problem(await desk.post(body), 400)
    assert desk.records() == []


async def test_what_is_just_deep_enough_is_taken(desk: Desk) -> None:
    deepest = line(payload={"value": 1, "x": json.loads("[" * 30 + "]" * 30)})
    assert (await desk.post(deepest)).status_code == 202
    assert (await desk.ndjson(deepest)).status_code == 202


@pytest.mark.parametrize("body", [b"", b"\n \r\n\n"])
async def test_ndjson_without_a_line_is_no_batch(desk: Desk, body: bytes) -> None:
    problem(await desk.post(body, media="application/x-ndjson"), 400)


@pytest.mark.parametrize("media", ["application/json", "application/x-ndjson"])
async def test_a_byte_order_mark_is_ignored(desk: Desk, media: str) -> None:
    assert (await desk.post(b"\xef\xbb\xbf" + line(), media=media)).status_code == 202
    assert desk.lines() == [line()]


async def test_a_number_beyond_double_is_refused_not_unreadable(desk: Desk) -> None:
    bad = line().replace(b"21.5", b"1e400")
    assert problem(await desk.post(bad), 422)["errors"][0]["code"] == "not_finite"
    assert (await desk.post(b"[" + bad + b"," + line() + b"]")).json()["accepted"] == 1


@pytest.mark.parametrize(
    "media",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=latin-1"],
)
async def test_other_media_types(desk: Desk, media: str) -> None:
    problem(await desk.post(line(), media=media), 415)


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip"])
async def test_other_content_codings(desk: Desk, coding: str) -> None:
    problem(await desk.post(line(), content_encoding=coding), 415)


@pytest.mark.parametrize("packed", [gzip.compress(line()), gzip.compress(line()[:20]) + gzip.compress(line()[20:])])
async def test_gzip_is_unpacked(desk: Desk, packed: bytes) -> None:
    assert (await desk.post(packed, content_encoding="gzip")).status_code == 202
    assert desk.lines() == [line()]


async def test_identity_is_a_coding(desk: Desk) -> None:
    assert (await desk.post(line(), content_encoding="identity")).status_code == 202


@pytest.mark.parametrize("damaged", [b"", line(), gzip.compress(line())[:-9], gzip.compress(line()) + b"more"])
async def test_damaged_gzip(desk: Desk, damaged: bytes) -> None:
    problem(await desk.post(damaged, content_encoding="gzip"), 400)


async def test_too_many_gzip_members_are_no_work_without_end(desk: Desk) -> None:
    desk.limits.max_bytes = 10**6
    problem(await desk.post(gzip.compress(b"") * 20_000, content_encoding="gzip"), 400)


async def test_a_gzip_bomb_is_too_large(desk: Desk) -> None:
    problem(await desk.post(gzip.compress(b" " * 10_000_000), content_encoding="gzip"), 413)
    desk.limits.max_unpacked_bytes = len(line())
    assert (await desk.post(gzip.compress(line()), content_encoding="gzip")).status_code == 202


async def test_too_large_as_sent(desk: Desk) -> None:
    problem(await desk.post(line() + b" " * 20_000), 413)
    assert (await desk.post(line().ljust(20_000))).status_code == 202


@pytest.mark.parametrize("media", ["application/json", "application/x-ndjson"])
async def test_too_many_events(desk: Desk, media: str) -> None:
    def body(count: int) -> bytes:
        return b"[" + b",\n".join([line()] * count) + b"]" if media.endswith("/json") else b"\n".join([line()] * count)

    problem(await desk.post(body(101), media=media), 413)
    assert (await desk.post(body(100), media=media)).json()["accepted"] == 100


async def test_a_flood_of_tiny_elements_is_too_many(desk: Desk) -> None:
    problem(await desk.post(b"[" + b"1," * 5000 + b"1]"), 413)


@pytest.mark.parametrize("token", ["", "unknown"])
async def test_without_a_good_token(desk: Desk, token: str) -> None:
    answer = await desk.post(line(), token=token)
    problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_another_scheme_is_no_token(desk: Desk) -> None:
    problem(await desk.post(line(), token="", authorization="Basic gateway"), 401)


@pytest.mark.parametrize("token", ["viewer", "nobody"])
async def test_people_need_a_role_to_send(desk: Desk, token: str) -> None:
    problem(await desk.post(line(), token=token), 403)


async def test_an_operator_may_send(desk: Desk) -> None:
    assert (await desk.post(line(), token="operator")).status_code == 202


async def test_a_device_speaks_for_itself_alone(desk: Desk) -> None:
    answer = await desk.ndjson(line(), line(device_id="device-2"), token="device")
    assert answer.json()["errors"][0] | {"detail": ""} == {
        "index": 1,
        "pointer": "/device_id",
        "code": "not_your_device",
        "detail": "",
    }
    assert desk.lines() == [line()]


async def test_an_unknown_device_is_refused(desk: Desk) -> None:
    assert problem(await desk.post(line(device_id="new")), 422)["errors"][0]["code"] == "unknown_device"
    assert desk.registry.devices == {"device-1", "device-2"}


async def test_a_registering_gateway_creates_devices_for_good_events_only(desk: Desk) -> None:
    body = (line(device_id="new"), line(device_id="bad", payload={}))
    assert (await desk.ndjson(*body, token="registering")).json()["accepted"] == 1
    assert desk.registry.devices == {"device-1", "device-2", "new"}


async def test_future_and_ancient_events_are_taken(desk: Desk) -> None:
    answer = await desk.ndjson(line(observed_at="2099-01-01T00:00:00Z"), line(observed_at="1970-01-01T00:00:00Z"))
    assert answer.json()["accepted"] == 2


async def test_too_fast_is_told_to_wait_and_others_are_not() -> None:
    desk = Desk(limits=SmallLimits(events_per_second=10))
    assert (await desk.ndjson(*[line()] * 30)).status_code == 202
    answer = await desk.post(line())
    problem(answer, 429)
    assert int(answer.headers["retry-after"]) == 3
    assert (await desk.post(line(), token="operator")).status_code == 202
    desk.seconds = 3
    assert (await desk.post(line())).status_code == 202


async def test_a_log_that_cannot_take_it_takes_nothing_until_it_can() -> None:
    log = FullLog()
    desk = Desk(log=log)
    answer = await desk.post(line())
    assert "disk is full" in problem(answer, 503)["detail"]
    assert int(answer.headers["retry-after"]) >= 1
    log.full = False
    assert (await desk.post(line())).status_code == 202
    assert desk.lines() == [line()]


async def test_many_requests_at_once_all_get_their_lines_in(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.post(line(seq=number)) for number in range(50)))
    assert {answer.status_code for answer in answers} == {202}
    assert sorted(desk.lines()) == sorted(line(seq=number) for number in range(50))
    assert len(desk.records()) < 50


async def test_each_device_goes_to_its_shard_in_order() -> None:
    desk = Desk(log=MemoryLog(shards=4))
    sent = [line(device_id=f"device-{number % 2 + 1}", seq=number) for number in range(20)]
    await desk.ndjson(*sent)
    assert desk.lines() in (sent[::2] + sent[1::2], sent[1::2] + sent[::2])


async def test_a_type_that_was_just_defined_is_known_at_once() -> None:
    known: list[EventTypes] = [BUILT_IN]
    desk = Desk(types=lambda: known[0])
    co2 = line(event_type="co2")
    assert problem(await desk.post(co2), 422)["errors"][0]["code"] == "unknown_event_type"
    known[0] = BUILT_IN.with_custom([{"slug": "co2"}])
    assert (await desk.post(co2)).status_code == 202


async def test_a_client_that_leaves_gets_no_answer(desk: Desk) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await desk.door({"headers": [(b"authorization", b"Bearer gateway")]}, receive, send)
    assert sent == []
