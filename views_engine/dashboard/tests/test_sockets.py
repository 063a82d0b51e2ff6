"""The socket and the feed together, against a private door over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.layers import channel_layers, get_channel_layer
from channels.routing import URLRouter
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import path

from views_engine.dashboard.changes import FLEET
from views_engine.dashboard.feed import Feed
from views_engine.dashboard.sockets import Dashboard
from views_engine.dashboard.tests.door import SECRET, FakeDoor, reading
from views_engine.dashboard.tests.page import Page

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = b"http://localhost:8080"


@pytest.fixture(autouse=True)
def fresh_layer() -> Iterator[None]:
    channel_layers.backends.clear()
    yield
    channel_layers.backends.clear()


@pytest.fixture
def person() -> User:
    user = User.objects.create_user("vera", password="looks-only")
    user.groups.add(Group.objects.get_or_create(name="viewer")[0])
    return user


@pytest.fixture
def cookie(person: User) -> bytes:
    return cookie_of(person)


def cookie_of(user: User) -> bytes:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return f"sessionid={client.cookies['sessionid'].value}".encode()


def socket(feed: Feed, cookie: bytes, origin: bytes = ORIGIN) -> Page:
    app = AuthMiddlewareStack(URLRouter([path("ws/dashboard/", Dashboard.as_asgi(feed=feed))]))
    headers = [(b"host", b"localhost:8080"), (b"origin", origin), (b"cookie", cookie)]
    return Page(app, headers)


@asynccontextmanager
async def running(*doors: FakeDoor) -> AsyncIterator[Feed]:
    """A feed that follows whoever is first in `doors`."""
    feed = Feed(shards=1, live=lambda shard: doors[0].seat if doors else None, secret=SECRET)
    feed.start()
    try:
        async with asyncio.timeout(5):
            while doors and not feed.versions:
                await asyncio.sleep(0.01)
        yield feed
    finally:
        await feed.stop()


@asynccontextmanager
async def opened(feed: Feed, cookie: bytes, **subscription: str) -> AsyncIterator[Page]:
    page = socket(feed, cookie)
    assert await page.connect()
    assert (await page.hear())["type"] == "hello"
    await page.say({"subscribe": subscription or {"view": "fleet"}})
    assert (await page.hear())["n"] == 1
    try:
        yield page
    finally:
        await page.leave()


async def until(page: Page, wanted: Callable[[Any], bool]) -> list[Any]:
    """Messages up to the first that `wanted` says yes to."""
    heard: list[Any] = []
    while not heard or not wanted(heard[-1]):
        heard.append(await page.hear())
    return heard


def has_changes(message: Any) -> bool:
    return bool(message.get("changes"))


def is_resync(message: Any) -> bool:
    return bool(message["type"] == "resync")


async def test_strangers_are_refused_before_the_upgrade() -> None:
    async with running() as feed:
        connected = await socket(feed, b"").connect()
    assert not connected


async def test_pages_of_another_port_are_refused(cookie: bytes) -> None:
    async with running() as feed:
        connected = await socket(feed, cookie, origin=b"http://localhost:9999").connect()
    assert not connected


async def test_people_without_a_role_are_refused() -> None:
    nobody = await sync_to_async(User.objects.create_user)("nobody", password="nothing-at-all")
    async with running() as feed:
        connected = await socket(feed, await sync_to_async(cookie_of)(nobody)).connect()
    assert not connected


async def test_hello_comes_at_once_with_the_version(cookie: bytes) -> None:
    async with FakeDoor(position=42, epoch=3) as door, running(door) as feed:
        page = socket(feed, cookie)
        await page.connect()
        assert await page.hear() == {"type": "hello", "version": {"0": {"epoch": 3, "position": 42}}}
        await page.leave()
    assert b"authorization: bearer between-us" in door.seen[0].lower()


async def test_a_change_reaches_the_fleet_with_its_version(cookie: bytes) -> None:
    async with FakeDoor() as door, running(door) as feed, opened(feed, cookie) as page:
        door.tell(reading("a"))
        frame = (await until(page, has_changes))[-1]
    assert frame["version"] == {"0": {"epoch": 1, "position": 11}}
    assert frame["changes"] == [
        {
            "device_id": "a",
            "kind": "reading",
            "event_type": "temperature",
            "observed_at": "2026-01-31T12:00:00.000Z",
            "value": 21.5,
        }
    ]


async def test_frames_are_numbered_without_gaps_and_at_most_ten_a_second(cookie: bytes) -> None:
    async with FakeDoor() as door, running(door) as feed, opened(feed, cookie) as page:
        started = asyncio.get_running_loop().time()
        for value in range(1, 41):
            door.tell(reading("a", value=value * 10**6))
            await asyncio.sleep(0.01)
        heard = await until(page, lambda m: has_changes(m) and m["changes"][0]["value"] == 40.0)
        took = asyncio.get_running_loop().time() - started
    assert [message["n"] for message in heard] == list(range(2, 2 + len(heard)))
    assert len(heard) <= took * 10 + 2
    assert sum(message.get("counts", {}).get("applied", 0) for message in heard) == 40


async def test_a_device_page_hears_of_its_device_alone(cookie: bytes) -> None:
    async with (
        FakeDoor() as door,
        running(door) as feed,
        opened(feed, cookie, view="device", device_id="a:1") as page,
    ):
        door.tell(reading("other"))
        door.tell(reading("a:1", value=1))
        heard = await until(page, has_changes)
    assert [change["device_id"] for message in heard for change in message.get("changes", ())] == ["a:1"]


async def test_an_epoch_makes_the_devices_it_touches_fetch_afresh(cookie: bytes) -> None:
    async with FakeDoor() as door, running(door) as feed, opened(feed, cookie, view="device", device_id="a") as page:
        door.epoch = 2
        door.tell(corrected=["b"])
        door.tell(reading("a"))
        before = await until(page, has_changes)
        door.epoch = 3
        door.tell(corrected=["a"])
        after = await until(page, is_resync)
    assert not [message for message in before if is_resync(message)]
    assert after[-1]["reason"] == "epoch"
    assert after[-1]["version"]["0"]["epoch"] == 3


async def test_another_live_calculator_makes_everybody_fetch_afresh(cookie: bytes) -> None:
    async with FakeDoor() as old, FakeDoor(position=50, fence=2) as new:
        doors = [old]
        feed = Feed(shards=1, live=lambda shard: doors[0].seat, secret=SECRET)
        feed.start()
        async with asyncio.timeout(5):
            while not feed.versions:
                await asyncio.sleep(0.01)
        async with opened(feed, cookie) as page:
            doors[0] = new
            heard = await until(page, is_resync)
        await feed.stop()
    assert heard[-1]["reason"] == "live_changed"
    assert heard[-1]["version"]["0"]["position"] == 50


async def test_a_broken_stream_that_missed_something_is_a_gap(cookie: bytes) -> None:
    async with FakeDoor() as door, running(door) as feed, opened(feed, cookie) as page:
        door.hang_up()
        door.position += 5
        heard = await until(page, is_resync)
    assert heard[-1]["reason"] == "gap"


async def test_what_a_full_layer_dropped_is_told(cookie: bytes) -> None:
    async with FakeDoor() as door, running(door) as feed, opened(feed, cookie) as page:
        feed._serials[FLEET] += 1  # as if a message had been dropped on the way
        door.tell(reading("a"))
        heard = await until(page, is_resync)
    assert heard[-1]["reason"] == "gap"


async def test_a_member_that_the_layer_forgot_finds_out_in_a_quiet_moment(cookie: bytes) -> None:
    async with FakeDoor() as door, running(door) as feed, opened(feed, cookie) as page:
        get_channel_layer().groups.clear()
        door.tell(reading("a"))
        assert (await until(page, is_resync))[-1]["reason"] == "gap"
        door.tell(reading("b"))
        assert (await until(page, has_changes))[-1]["changes"][0]["device_id"] == "b"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"subscribe": "fleet"}',
        '{"subscribe": {"view": "world"}}',
        '{"subscribe": {"view": "device"}}',
        '{"subscribe": {"view": "device", "device_id": "a/b"}}',
        '{"subscribe": {"view": "device", "device_id": 7}}',
    ],
)
async def test_nonsense_is_answered_and_hurts_nobody(cookie: bytes, text: str) -> None:
    async with FakeDoor() as door, running(door) as feed, opened(feed, cookie) as page:
        await page.send(text=text)
        answer = await page.hear()
        assert answer["type"] == "error"
        assert answer["detail"]
        door.tell(reading("a"))
        assert has_changes((await until(page, has_changes))[-1])


async def test_bytes_are_answered_too(cookie: bytes) -> None:
    async with FakeDoor() as door, running(door) as feed, opened(feed, cookie) as page:
        await page.send(bytes=b"\x00")
        assert (await page.hear())["type"] == "error"


async def test_a_page_may_change_what_it_watches(cookie: bytes) -> None:
    async with FakeDoor() as door, running(door) as feed, opened(feed, cookie) as page:
        await page.say({"subscribe": {"view": "device", "device_id": "b"}})
        assert (await page.hear())["n"] == 2
        door.tell(reading("a"))
        door.tell(reading("b"))
        heard = await until(page, has_changes)
    assert [change["device_id"] for message in heard for change in message["changes"]] == ["b"]


async def test_nobody_live_is_no_reason_to_refuse_a_page(cookie: bytes) -> None:
    async with running() as feed, opened(feed, cookie) as page:
        assert await page.hears_nothing(0.05)


async def test_a_door_that_opens_later_is_found(cookie: bytes) -> None:
    seats: list[Any] = []
    feed = Feed(shards=1, live=lambda shard: seats[0] if seats else None, secret=SECRET)
    feed.start()
    async with FakeDoor() as door, opened(feed, cookie) as page:
        seats.append(door.seat)
        heard = await until(page, is_resync)
        await feed.stop()
    assert heard[-1]["reason"] == "connected"
