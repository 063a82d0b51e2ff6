import re
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client

from devices.models import Device, DeviceType
from views_engine.dashboard.cards import CARDS

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGES = ("/", "/devices/a:1/", "/pipeline/", "/epochs/", "/alerts/", "/rules/")


@pytest.fixture
def viewer() -> Client:
    user = User.objects.create_user("vera", password="looks-only")
    user.groups.add(Group.objects.get_or_create(name="viewer")[0])
    return signed_in(user)


@pytest.fixture(autouse=True)
def device() -> Device:
    return Device.objects.create(device_id="a:1", name="<b>Cold & dark</b>")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_sent_to_the_sign_in_page(page: str) -> None:
    answer = Client().get(page)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={quote(page)}")


@pytest.mark.parametrize("page", PAGES)
def test_people_without_a_role_are_told_so(page: str) -> None:
    answer = signed_in(User.objects.create_user("nobody")).get(page)
    assert answer.status_code == 403
    assert "administrator can give you a role" in answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_pages_carry_no_inline_script_and_nothing_from_elsewhere(viewer: Client, page: str) -> None:
    text = viewer.get(page).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_a_page_names_is_there(viewer: Client, page: str) -> None:
    names = re.findall(r'"/static/([^"]+)"', viewer.get(page).content.decode())
    own = [name for name in names if not name.startswith("vendor/")]
    assert len(own) >= 5
    assert [name for name in own if not (Path(settings.BASE_DIR) / "static" / name).is_file()] == []


def test_a_name_is_never_markup(viewer: Client) -> None:
    text = viewer.get("/devices/a:1/").content.decode()
    assert "<b>Cold" not in text
    assert "&lt;b&gt;Cold &amp; dark" in text


def test_a_device_nobody_registered_has_no_page(viewer: Client) -> None:
    answer = viewer.get("/devices/never/")
    assert answer.status_code == 404
    assert "Not found" in answer.content.decode()


def test_every_card_brings_its_template(viewer: Client) -> None:
    text = viewer.get("/devices/a:1/").content.decode()
    assert re.findall(r'<template data-card="([^"]*)"', text) == [card.event_type for card in CARDS]


def test_a_device_is_offline_after_its_own_time_its_types_or_the_general_one(viewer: Client, device: Device) -> None:
    def shown() -> str:
        text = viewer.get("/devices/a:1/").content.decode()
        return str(re.findall(r'data-offline-after="([^"]*)"', text)[0])

    assert float(shown()) == settings.CONFIG.presence.offline_after_s
    device.device_type = DeviceType.objects.create(slug="slow", name="Slow", offline_after_s=7200)
    device.save()
    assert shown() == "7200"
    device.offline_after_s = 30
    device.save()
    assert shown() == "30"


def test_people_sign_in_and_come_where_they_wanted() -> None:
    User.objects.create_superuser("ada", password="looks-and-does")
    client = Client()
    assert "Sign in" in client.get("/login/").content.decode()
    answer = client.post("/login/?next=/", {"username": "ada", "password": "looks-and-does", "next": "/devices/a:1/"})
    assert (answer.status_code, answer["Location"]) == (302, "/devices/a:1/")


def test_a_wrong_password_is_said_in_words() -> None:
    answer = Client().post("/login/", {"username": "ada", "password": "wrong"})
    assert 'role="alert"' in answer.content.decode()
