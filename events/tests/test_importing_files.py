"""Files of every kind into blocks of lines."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from events.importing.block import ImportMistake
from events.importing.files import open_source
from events.importing.lines import CHUNK, block_of
from events.importing.mapping import Mapping, parse_mapping

LINE = b'{"device_id":"a","event_type":"temperature","payload":{"value":20.50}}'


def lines_of(path: Path, mapping: Mapping | None = None) -> list[bytes]:
    blocks = list(open_source(path, mapping).blocks)
    assert all(len(block.lines) == len(block.devices) for block in blocks)
    return [line for block in blocks for line in block.lines]


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_ndjson_goes_through_byte_by_byte(tmp_path: Path) -> None:
    odd = b'{ "device_id" : "a", "x": 1.50, "n": 1e400 }'
    path = write(tmp_path / "events.ndjson", b"\xef\xbb\xbf" + LINE + b"\r\n" + odd + b"\n\n  \n" + LINE)
    assert lines_of(path) == [LINE + b"\r", odd, LINE]


@pytest.mark.parametrize("strange", [b"{broken", b"17", b'{"device_id":7}', b"\xff\xfe", b'{"a":1}{"b":2}', b"{}"])
def test_a_strange_line_is_passed_on_and_its_neighbours_keep_their_devices(tmp_path: Path, strange: bytes) -> None:
    path = write(tmp_path / "events.ndjson", b"\n".join([LINE, strange, LINE, b""]))
    (block,) = open_source(path).blocks
    assert block.lines == [LINE, strange, LINE]
    assert block.devices == ["a", None, "a"]


def test_two_objects_on_a_line_do_not_shift_the_devices_when_a_blank_line_evens_the_count() -> None:
    two = b'{"device_id":"x"}{"device_id":"y"}'
    assert block_of(two + b"\n\n" + LINE).devices == [None, "a"]


def test_lines_are_cut_nowhere_when_the_file_is_longer_than_a_chunk(tmp_path: Path) -> None:
    count = 3 * CHUNK // len(LINE)
    path = write(tmp_path / "events.ndjson", b"\n".join([LINE] * count))
    lines = lines_of(path)
    assert len(lines) == count
    assert set(lines) == {LINE}


@pytest.mark.parametrize("name", ["events.ndjson.gz", "events.ndjson"])
def test_gzip_is_told_by_content_and_not_by_name(tmp_path: Path, name: str) -> None:
    assert lines_of(write(tmp_path / name, gzip.compress(LINE))) == [LINE]
    assert lines_of(write(tmp_path / name, LINE)) == [LINE]


def test_several_gzip_members_in_one_file_are_all_read(tmp_path: Path) -> None:
    path = write(tmp_path / "events.ndjson.gz", gzip.compress(LINE + b"\n") + gzip.compress(LINE))
    assert lines_of(path) == [LINE, LINE]


def test_a_gzip_file_that_is_cut_off_is_a_mistake_with_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "cut.ndjson.gz", gzip.compress(bytes(range(256)) * 1000)[:-300])
    with pytest.raises(ImportMistake, match=r"cut\.ndjson\.gz cannot be read any further"):
        lines_of(path)


def test_csv_has_the_names_of_the_api_as_columns(tmp_path: Path) -> None:
    path = write(
        tmp_path / "events.csv",
        b"device_id,event_type,observed_at,received_at,event_id,seq,value,unit,latitude,longitude\n"
        b"007,temperature,2026-01-01T00:00:00Z,2026-01-01T00:00:01Z,e1,4,20.50,celsius,,\n"
        b'"b""\\",location,,,,,,,45.1,5.7\n',
    )
    first, second = lines_of(path)
    assert first == (
        b'{"device_id":"007","event_type":"temperature","event_id":"e1","observed_at":"2026-01-01T00:00:00Z",'
        b'"received_at":"2026-01-01T00:00:01Z","seq":4,"payload":{"value":20.50,"unit":"celsius"}}'
    )
    assert orjson.loads(second)["device_id"] == 'b"\\'
    assert second.endswith(b'"event_type":"location","payload":{"latitude":45.1,"longitude":5.7}}')


@pytest.mark.parametrize("cell", ["warm", "NaN", "+5", "05", ".5", "0x10", "1,5", "1e"])
def test_a_cell_that_is_no_number_is_sent_as_text_so_that_it_is_refused(tmp_path: Path, cell: str) -> None:
    path = write(
        tmp_path / "e.csv", f'device_id,event_type,value\na,temperature,"{cell}"\nb,humidity,-1.5e3\n'.encode()
    )
    first, second = lines_of(path)
    assert orjson.loads(first)["payload"] == {"value": cell}
    assert second.endswith(b'{"value":-1.5e3}}')


def test_csv_with_a_payload_column_keeps_its_json_as_written(tmp_path: Path) -> None:
    rows = 'a,co2,"{""value"": 1.50, ""x"": [1]}"\nb,co2,{oops\n'
    first, second = lines_of(write(tmp_path / "e.csv", b"device_id,event_type,payload\n" + rows.encode()))
    assert first.endswith(b'"payload":{"value": 1.50, "x": [1]}}')
    assert orjson.loads(second)["payload"] == "{oops"


def test_bad_csv_rows_are_passed_on_behind_the_good_ones(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", b"device_id,event_type,value\na,temperature,1\nshort\na,temp\xff,3\na,b,c,d\n")
    good, *strange = lines_of(path)
    assert orjson.loads(good)["payload"] == {"value": 1}
    assert sorted(strange) == [b"a,b,c,d", b"a,temp\xff,3", b"short"]


def test_parquet_types_become_json_and_times_rfc_3339(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
    table = pa.table(
        {
            "device_id": pa.array(["a", "b"]).dictionary_encode(),
            "event_type": ["temperature", "location"],
            "observed_at": pa.array([moment, None], pa.timestamp("us", "Europe/Paris")),
            "seq": [1, None],
            "payload": [{"value": 20.5, "latitude": None}, {"value": None, "latitude": 45.0}],
        }
    )
    pq.write_table(table, tmp_path / "e.parquet")
    zipped = write(tmp_path / "z.parquet", gzip.compress((tmp_path / "e.parquet").read_bytes()))
    assert (
        lines_of(tmp_path / "e.parquet")
        == lines_of(zipped)
        == [
            b'{"device_id":"a","event_type":"temperature","observed_at":"2026-01-01T12:00:00.123Z","seq":1,'
            b'"payload":{"value":20.5}}',
            b'{"device_id":"b","event_type":"location","payload":{"latitude":45.0}}',
        ]
    )


def test_columns_that_mean_nothing_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", b"device_id,event_type,value,colour\na,temperature,1,red\n")
    assert open_source(path).unused == ["colour"]


def test_a_mapping_works_on_ndjson_and_reaches_into_objects(tmp_path: Path) -> None:
    path = write(tmp_path / "e.ndjson", b'{"dev":{"id":"a"},"t":20.5,"at":"2026-01-01T00:00:00Z"}\n[1]\n')
    mapping = parse_mapping(
        {
            "events": [
                {
                    "device_id": "dev.id",
                    "event_type": {"constant": "temperature"},
                    "observed_at": "at",
                    "payload": {"value": "t"},
                }
            ]
        }
    )
    assert lines_of(path, mapping) == [
        b'{"device_id":"a","event_type":"temperature","observed_at":"2026-01-01T00:00:00Z","payload":{"value":20.5}}',
        b"[1]",
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("e.txt", b"", "the ending of the name says no format"),
        ("e.csv", b"", "e.csv is empty"),
        ("e.csv", b"a,b\n1,2\n", "e.csv has no column device_id"),
        ("e.csv", b"device_id,event_type\n1,2\n", "e.csv has no column of a payload"),
        ("e.csv", b"device_id,device_id\n", "more than one column device_id"),
        ("e.csv", b"device_id,\xff\n", "e.csv is not UTF-8"),
        ("e.parquet", b"PAR1 not really", "e.parquet is not a Parquet file"),
    ],
)
def test_files_that_cannot_be_used_are_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(ImportMistake, match=message):
        lines_of(write(tmp_path / name, content))


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImportMistake, match="there is no such file"):
        open_source(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ImportMistake, match="is a directory"):
        open_source(tmp_path / "folder.csv")
