from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from devices import bulk
from devices.models import Device, Group, Site, Tag
from devices.tables import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.urls("devices.tests.urls")]
BULK = "/api/v1/devices/bulk"


def errors_of(table: str) -> list[tuple[int, str, str]]:
    with pytest.raises(Refused) as refused:
        bulk.create(table)
    assert Device.objects.filter(device_id__startswith="new").count() == 0
    return [(error["line"], error["pointer"], error["code"]) for error in refused.value.errors]


def test_a_table_makes_devices() -> None:
    outdoor, depot = Group.objects.create(name="outdoor"), Site.objects.create(name="Depot")
    table = 'device_id,name,site,groups,tags,offline_after_s\na:1,"Roof, north",Depot,outdoor,hot;new;hot,60\nb,,,,,\n'
    assert bulk.create("\ufeff".lstrip("\ufeff") + table) == 2
    device = Device.objects.get(device_id="a:1")
    assert (device.name, device.site, device.offline_after_s) == ("Roof, north", depot, 60)
    assert list(device.groups.all()) == [outdoor]
    assert list(device.tags.values_list("name", flat=True)) == ["hot", "new"]
    assert device.history.count() == 1


def test_every_wrong_line_is_named() -> None:
    Device.objects.create(device_id="taken")
    header = "device_id,groups,site,tags,offline_after_s"
    rows = ("new1,ghost,,,", "taken,,,,", "", "new2,,nowhere,,0", "new2,,,,", "a/b,,,,", ",,,x y,", ",,,b,")
    assert errors_of("\n".join([header, *rows])) == [
        (2, "/groups", "does_not_exist"),
        (3, "/device_id", "unique"),
        (5, "/offline_after_s", "min_value"),
        (5, "/site", "does_not_exist"),
        (6, "/device_id", "duplicate"),
        (7, "/device_id", "invalid"),
        (8, "/device_id", "missing"),
        (8, "/tags/0", "invalid"),
        (9, "/device_id", "missing"),
    ]


def test_a_cell_over_several_lines_counts_them_all() -> None:
    assert errors_of('device_id,notes\nnew1,"one\ntwo"\na/b,\n') == [(4, "/device_id", "invalid")]


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("", "missing"),
        ("name\nx\n", "missing"),
        ("device_id,colour\nnew,red\n", "unknown_column"),
        ("device_id,device_id\nnew,new\n", "duplicate"),
        ("device_id\nnew,more\n", "too_many_cells"),
        ('device_id\nnew"\n"x\n', "not_csv"),
    ],
)
def test_what_is_no_table_is_refused(table: str, code: str) -> None:
    assert errors_of(table)[0][2] == code


def test_a_table_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.tables.MAX_ROWS", 2)
    assert errors_of("device_id\nnew1\nnew2\nnew3\n") == [(4, "", "too_many")]


def test_a_dry_run_changes_nothing() -> None:
    assert bulk.create("device_id,tags\na,fresh\n", dry_run=True) == 1
    assert not Device.objects.exists()
    assert not Tag.objects.exists()


def test_a_table_is_posted(operator: APIClient) -> None:
    answer = operator.post(BULK, "\ufeffdevice_id\na\nb\n".encode(), content_type="text/csv")
    assert (answer.status_code, answer.json()) == (201, {"rows": 2, "created": 2, "dry_run": False})


def test_a_table_is_tried(operator: APIClient) -> None:
    answer = operator.post(f"{BULK}?dry_run=true", b"device_id\na\n", content_type="text/csv")
    assert (answer.status_code, answer.json()) == (200, {"rows": 1, "created": 0, "dry_run": True})


def test_a_file_is_uploaded(operator: APIClient) -> None:
    file = SimpleUploadedFile("devices.csv", b"device_id\na\n", "text/csv")
    assert operator.post(BULK, {"file": file}, format="multipart").status_code == 201
    assert operator.post(BULK, {}, format="multipart").status_code == 400


@pytest.mark.parametrize(
    ("body", "status"), [(b"device_id\na/b\n", 400), (b"device_id\n\xff\n", 400), (b"x" * (8 * 1024 * 1024 + 1), 413)]
)
def test_what_cannot_be_taken_is_a_problem(operator: APIClient, body: bytes, status: int) -> None:
    answer: Any = operator.post(BULK, body, content_type="text/csv")
    assert answer.status_code == answer.json()["status"] == status
