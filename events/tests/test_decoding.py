import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from events.decoding import Decoded, batches, check, decode, decode_exactly
from events.decoding.strict import elements
from events.event import Refusal, arrival_id, content_of, derived_id
from events.records import EVENTS
from events.tests.lines import NOW, TYPES, any_line, line


def decoded(lines: list[bytes], *, exactly: bool = False, **options: Any) -> Decoded:
    reader = decode_exactly if exactly else decode
    count = len(lines)
    received_at, arrival = np.full(count, NOW, np.int64), np.arange(count) + 1000
    return reader(lines, received_at=received_at, arrival=arrival, types=TYPES, **options)


def one(text: bytes, **options: Any) -> dict[str, Any]:
    (row,) = decoded([text], **options).batch.to_pylist()
    assert isinstance(row, dict)
    return row


def refusal(text: bytes, **options: Any) -> tuple[str, str]:
    (refused,) = decoded([text], **options).refused
    return refused.refusal.code, refused.refusal.pointer


def results(found: Decoded) -> tuple[Any, ...]:
    refused = [(r.line, r.refusal.code, r.refusal.pointer, str(r.refusal), r.device_id) for r in found.refused]
    return found.batch.schema, found.batch.to_pylist(), found.lines.tolist(), refused


@pytest.fixture
def quick_from_the_first_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "FEW_LINES", 0)


@settings(max_examples=400, deadline=None)
@given(lines=st.lists(any_line, min_size=1, max_size=12), own_times=st.booleans())
@example(lines=[line(seq=...).replace(b'"payload"', b'"seq" : null, "payload"')], own_times=False)
@example(lines=[line(payload={"value": 68, "unit": "fahrenheit"}, event_id=..., observed_at=...)], own_times=True)
@example(lines=[line(received_at="2026-01-01T00:00:00Z", observed_at=...)] * 2, own_times=True)
def test_the_quick_reader_says_what_the_exact_one_says(lines: list[bytes], own_times: bool) -> None:
    few, batches.FEW_LINES = batches.FEW_LINES, 0
    try:
        assert results(decoded(lines, own_times=own_times)) == results(
            decoded(lines, own_times=own_times, exactly=True)
        )
    finally:
        batches.FEW_LINES = few


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(any_line, min_size=1, max_size=12), padding=st.sampled_from([0, 40]))
def test_checking_judges_as_decoding_does(lines: list[bytes], padding: int) -> None:
    lines = lines + [line()] * padding
    found, checked = decoded(lines), check(lines, types=TYPES)
    assert checked.lines == found.lines.tolist()
    assert checked.devices == found.batch["device_id"].to_pylist()
    assert [(r.line, str(r.refusal)) for r in checked.refused] == [(r.line, str(r.refusal)) for r in found.refused]


def test_a_plain_line_becomes_a_row() -> None:
    row = one(line())
    assert row == {
        "device_id": "device-1",
        "event_type": "temperature",
        "event_id": "e-1",
        "seq": 7,
        "observed_at": 1769860800000,
        "received_at": NOW,
        "timeless": False,
        "value": 21_500_000,
        "latitude": None,
        "longitude": None,
        "payload": '{"value": 21.5, "unit": "celsius"}',
        "content": content_of(value=21_500_000, seq=7, payload={}),
        "arrival": 1000,
        "aside": None,
    }


def test_the_batch_has_the_schema_of_events_even_when_empty() -> None:
    assert decoded([]).batch.schema == decoded([b"nonsense"] * 50).batch.schema == EVENTS


def test_an_absent_id_comes_from_the_content() -> None:
    row = one(line(event_id=...))
    assert row["event_id"] == derived_id(row["content"])


def test_without_id_and_time_the_arrival_is_the_id() -> None:
    row = one(line(event_id=..., observed_at=...))
    assert (row["event_id"], row["timeless"], row["observed_at"]) == (arrival_id(1000), True, NOW)


def test_null_is_the_same_as_absent_and_unknown_members_are_ignored() -> None:
    nulls = one(line(event_id=None, observed_at=None, seq=None, colour="red"))
    assert nulls == one(line(event_id=..., observed_at=..., seq=...))


@pytest.mark.parametrize("count", [1, 100])
def test_own_receive_times_are_honoured_only_when_asked_for(count: int) -> None:
    lines = [line(received_at="1970-01-01T00:00:00Z")] * count
    assert set(decoded(lines).batch["received_at"].to_pylist()) == {NOW}
    assert set(decoded(lines, own_times=True).batch["received_at"].to_pylist()) == {0}


def test_a_bad_line_is_refused_alone() -> None:
    found = decoded([line(seq=number) for number in range(50)] + [b"{", b"\xff"] + [line(seq=50)])
    assert found.batch["seq"].to_pylist() == list(range(51))
    assert found.lines.tolist() == [*range(50), 52]
    assert [(refused.line, refused.refusal.code) for refused in found.refused] == [(50, "not_json"), (51, "not_json")]


def test_a_refused_line_names_its_device_where_that_can_be_read() -> None:
    found = decoded([line(payload=...), b"{", line(device_id="a/b")])
    assert [refused.device_id for refused in found.refused] == ["device-1", "", ""]


@pytest.mark.usefixtures("quick_from_the_first_line")
def test_rows_keep_the_order_of_the_lines_whichever_reader_read_them() -> None:
    lines = [line(seq=0), line(seq=1, odd=True), line(seq=2), line(seq=3, odd=True)]
    assert decoded(lines).batch["seq"].to_pylist() == [0, 1, 2, 3]


REFUSED = [
    (b"[]", "wrong_type", ""),
    (b"5", "wrong_type", ""),
    (line(device_id=...), "missing", "/device_id"),
    (line(device_id=None), "missing", "/device_id"),
    (line(device_id=5), "wrong_type", "/device_id"),
    (line(device_id=""), "bad_id", "/device_id"),
    (line(device_id="a\n"), "bad_id", "/device_id"),
    (line(device_id="a/b"), "bad_id", "/device_id"),
    (line(device_id="é"), "bad_id", "/device_id"),
    (line(device_id="x" * 65), "bad_id", "/device_id"),
    (line(event_type=...), "missing", "/event_type"),
    (line(event_type=[]), "wrong_type", "/event_type"),
    (line(event_type="pressure"), "unknown_event_type", "/event_type"),
    (line(observed_at=1700000000), "wrong_type", "/observed_at"),
    (line(observed_at="yesterday"), "bad_time", "/observed_at"),
    (line(event_id=5), "wrong_type", "/event_id"),
    (line(event_id=""), "bad_id", "/event_id"),
    (line(event_id="a b"), "bad_id", "/event_id"),
    (line(event_id="a\x7f"), "bad_id", "/event_id"),
    (line(event_id="x" * 65), "bad_id", "/event_id"),
    (line(seq=1.0), "wrong_type", "/seq"),
    (line(seq=True), "wrong_type", "/seq"),
    (line(seq="1"), "wrong_type", "/seq"),
    (line(seq=-1), "out_of_range", "/seq"),
    (line(seq=2**63), "out_of_range", "/seq"),
    (line(payload=...), "missing", "/payload"),
    (line(payload=[]), "wrong_type", "/payload"),
    (line().replace(b"21.5", b"1e400"), "not_finite", "/payload/value"),
    (line().replace(b"21.5", b"-" + b"9" * 400), "not_finite", "/payload/value"),
    (line().replace(b"21.5", b"9" * 5000), "not_finite", "/payload/value"),
    (line(payload={"value": 1, "a/b": [0, 5]}).replace(b"5]", b"1e999]"), "not_finite", "/payload/a~1b/1"),
    (line().replace(b"21.5", b"NaN"), "not_json", ""),
    (line().replace(b"21.5", b"-Infinity"), "not_json", ""),
    (line().replace(b"21.5", b"1e400") + b"}", "not_json", ""),
    (line().replace(b'"seq"', b'"seq": 1, "seq"'), "not_json", ""),
    (line().replace(b'"unit"', b'"value": 1, "unit"'), "not_json", ""),
    (line().replace(b"celsius", b"\\ud800"), "not_json", ""),
    (line().replace(b"celsius", b"\xed\xa0\x80"), "not_json", ""),
    (line().replace(b"celsius", b"cels\xffius"), "not_json", ""),
    (line()[:-1], "not_json", ""),
    (line()[:-1] + b",}", "not_json", ""),
    (line() + line(), "not_json", ""),
    (b"", "not_json", ""),
    (b"\xef\xbb\xbf" + line(), "not_json", ""),
    (line().replace(b"21.5", b"021.5"), "not_json", ""),
    (line().replace(b"celsius", b"cel\tsius"), "not_json", ""),
    (b"[" * 100_000, "not_json", ""),
    (line().decode().encode("utf-16"), "not_json", ""),
]


@pytest.mark.parametrize(("text", "code", "pointer"), REFUSED)
def test_refusals(text: bytes, code: str, pointer: str) -> None:
    assert refusal(text) == (code, pointer)


@pytest.mark.parametrize(("text", "code", "pointer"), REFUSED)
def test_refusals_in_company(text: bytes, code: str, pointer: str) -> None:
    (refused,) = decoded([line()] * 40 + [text]).refused
    assert (refused.line, refused.refusal.code, refused.refusal.pointer) == (40, code, pointer)


def nested(levels: int) -> bytes:
    """An event that is so many levels deep in all; its brackets in strings do not count."""
    inner: Any = "[[[["
    for _ in range(levels - 2):
        inner = [inner]
    return line(payload={"value": 1, "deep": inner})


def test_depth_counts_levels_not_brackets() -> None:
    wide = line(payload={"value": 1, "wide": [[]] * 100})
    assert one(nested(32))["value"] == one(wide)["value"] == 1_000_000
    assert refusal(nested(33)) == ("not_json", "")
    assert refusal(nested(32), max_depth=31) == ("not_json", "")


def test_good_escapes_are_read() -> None:
    text = line(device_id=...).replace(b'"event_type"', b'"device_id": "\\u0061", "event_type"')
    assert one(text)["device_id"] == "a"
    assert json.loads(one(line(payload={"value": 1, "note": "😀"}))["payload"])["note"] == "😀"


def test_the_largest_numbers_that_fit_are_taken() -> None:
    assert one(line(seq=2**63 - 1))["seq"] == 2**63 - 1
    assert one(line(payload={"value": 1, "far": 10**300}))["value"] == 1_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"[]", []),
        (b"[ ] \n", []),
        (b'[{"a": [1, 2]} , "]", 5\n]', [b'{"a": [1, 2]}', b'"]"', b"5"]),
        ('[ {}, "é"]'.encode(), [b"{}", '"é"'.encode()]),
        (b"[1,2,3,4", [b"1", b"2", b"3"]),
    ],
)
def test_the_first_elements_of_an_array(text: bytes, expected: list[bytes]) -> None:
    assert elements(text, at_most=3) == expected


@pytest.mark.parametrize("text", [b"[", b"[1", b"[1,]", b"[,1]", b"[1 2]", b"[1]]", b"[\xff]", b"[" * 10_000, b"[NaN]"])
def test_what_is_no_array(text: bytes) -> None:
    with pytest.raises(Refusal):
        elements(text, at_most=3)
