"""Events sent by a browser with the session of a person, and by tokens of the database."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from devices.registry import Registry
from devices.roles import Role
from events.event_types import BUILT_IN
from events.ingest import Ingest
from events.ingest.session import django_session
from events.tests.doors import Desk, SmallLimits
from events.tests.lines import NOW, line

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk() -> Desk:
    """A desk whose door asks the database."""
    desk = Desk()
    desk.door = Ingest(
        log=desk.log,
        registry=Registry(),
        types=lambda: BUILT_IN,
        limits=SmallLimits(),
        clock=lambda: NOW,
        session=django_session,
    )
    return desk


@pytest.fixture
def cookies() -> str:
    """The cookies of an operator's browser; the token against forged requests is `a` 32 times."""
    user = User.objects.create_user("olga")
    user.groups.add(Group.objects.get_or_create(name=Role.OPERATOR)[0])
    client = Client()
    client.force_login(user)
    return f"csrftoken={'a' * 32}; sessionid={client.cookies['sessionid'].value}"


async def post(desk: Desk, **headers: str) -> Any:
    return await desk.post(line(), token="", **headers)


async def test_a_session_needs_the_token_against_forged_requests(desk: Desk, cookies: str) -> None:
    forged = await post(desk, cookie=cookies)
    assert forged.status_code == 403
    assert "CSRF" in forged.json()["detail"]
    sent = await post(desk, cookie=cookies, x_csrftoken="a" * 32)
    assert sent.json()["errors"][0]["code"] == "unknown_device"


async def test_a_cookie_without_a_session_is_a_stranger(desk: Desk) -> None:
    assert (await post(desk, cookie="sessionid=made-up")).status_code == 401
    assert (await post(desk, cookie="theme=dark")).status_code == 401


async def test_a_token_of_the_database_is_asked_for(desk: Desk) -> None:
    assert (await desk.post(line(), token="d1234567." + "x" * 32)).status_code == 401
