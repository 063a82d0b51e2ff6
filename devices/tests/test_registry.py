from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices import tokens
from devices.models import Device
from devices.registry import Registry, Speaker

pytestmark = pytest.mark.django_db


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(clock: Clock) -> Registry:
    return Registry(clock)


@pytest.fixture
def device() -> Device:
    return Device.objects.create(device_id="north:1")


def test_a_device_speaks_for_itself_alone(registry: Registry, device: Device) -> None:
    speaker = registry.speaker(tokens.issue_device_token(device).secret)
    assert speaker == Speaker(kind="device", name="north:1")
    assert speaker.may_speak_for({"north:1", "north:2"}) == {"north:1"}


def test_a_gateway_speaks_for_all(registry: Registry) -> None:
    speaker = registry.speaker(tokens.issue_gateway_token("gw", registers=True).secret)
    assert speaker == Speaker(kind="gateway", name="gw", registers=True)
    assert speaker.may_speak_for(["a", "b"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("role", "allowed"), [("viewer", set()), ("operator", {"a"}), ("administrator", {"a"}), ("", set())]
)
def test_people_speak_by_their_role(registry: Registry, role: str, allowed: set[str]) -> None:
    person = User.objects.create_user("ada")
    person.groups.set(Group.objects.filter(name=role))
    speaker = registry.speaker(tokens.issue_person_token(person).secret)
    assert speaker is not None
    assert (speaker.kind, speaker.name, speaker.user_id) == ("person", "ada", person.pk)
    assert speaker.may_speak_for(["a"]) == allowed


def test_a_person_who_may_not_log_in_does_not_speak(registry: Registry) -> None:
    person = User.objects.create_user("ada", is_active=False)
    assert registry.speaker(tokens.issue_person_token(person).secret) is None


@pytest.mark.parametrize(
    "token", ["", "x", "d1234567." + "a" * 32, "d1234567." + "a" * 31 + "\n", "\ud800", "d\0", "é" * 41]
)
def test_nonsense_is_nobody(registry: Registry, token: str) -> None:
    assert registry.speaker(token) is None


def test_the_right_prefix_with_a_wrong_secret_is_nobody(registry: Registry, device: Device) -> None:
    secret = tokens.issue_device_token(device).secret
    assert registry.speaker(secret[:-1] + ("a" if secret[-1] != "a" else "b")) is None


def test_an_answer_costs_one_question(registry: Registry, device: Device) -> None:
    secret = tokens.issue_device_token(device).secret
    registry.speaker(secret)
    with CaptureQueriesContext(connection) as queries:
        assert registry.speaker(secret)
        assert async_to_sync(registry.aspeaker)(secret)
    assert len(queries) == 0


def test_a_wrong_token_is_asked_for_once(registry: Registry) -> None:
    registry.speaker("d1234567." + "a" * 32)
    with CaptureQueriesContext(connection) as queries:
        registry.speaker("d1234567." + "a" * 32)
    assert len(queries) == 0


def test_a_revoked_token_is_refused_within_five_seconds(registry: Registry, clock: Clock, device: Device) -> None:
    issued = tokens.issue_device_token(device)
    assert registry.speaker(issued.secret)
    tokens.revoke(issued.token)
    clock.now += 5
    assert registry.speaker(issued.secret) is None


def test_an_expired_token_is_refused(registry: Registry, device: Device) -> None:
    past = timezone.now() - timedelta(seconds=1)
    assert registry.speaker(tokens.issue_device_token(device, expires_at=past).secret) is None


def test_the_token_of_a_deleted_device_is_refused_within_five_seconds(
    registry: Registry, clock: Clock, device: Device
) -> None:
    secret = tokens.issue_device_token(device).secret
    assert registry.speaker(secret)
    device.delete()
    clock.now += 5
    assert registry.speaker(secret) is None


def test_known_are_those_that_exist(registry: Registry, device: Device) -> None:
    assert registry.known(["north:1", "north:2", "a\0b", ""]) == {"north:1"}
    assert registry.known([]) == set()


def test_a_new_device_is_known_at_once(registry: Registry) -> None:
    assert registry.known(["a"]) == set()
    Device.objects.create(device_id="a")
    assert registry.known(["a"]) == {"a"}


def test_what_is_known_is_not_asked_again(registry: Registry, device: Device) -> None:
    registry.known(["north:1"])
    with CaptureQueriesContext(connection) as queries:
        assert registry.known(["north:1"]) == {"north:1"}
    assert len(queries) == 0


def test_while_nothing_changes_the_devices_are_not_read_again(registry: Registry, clock: Clock, device: Device) -> None:
    registry.known(["north:1"])
    clock.now += 5
    with CaptureQueriesContext(connection) as queries:
        assert registry.known(["north:1"]) == {"north:1"}
    assert len(queries) == 1


def test_a_deleted_device_is_unknown_within_five_seconds(registry: Registry, clock: Clock, device: Device) -> None:
    registry.known(["north:1"])
    device.delete()
    Device.objects.create(device_id="another")
    clock.now += 5
    assert registry.known(["north:1"]) == set()


def test_registering_makes_only_what_is_missing(registry: Registry, device: Device) -> None:
    assert registry.register(["north:1", "b", "c"]) == {"north:1", "b", "c"}
    assert registry.register(["b"]) == {"b"}
    assert set(Device.objects.values_list("device_id", flat=True)) == {"north:1", "b", "c"}


@pytest.mark.parametrize("bad", ["", "a b", "a/b", "a\n", "x" * 65, "é"])
def test_a_malformed_id_is_not_registered(registry: Registry, bad: str) -> None:
    with pytest.raises(ValueError, match="A device id is"):
        registry.register(["good", bad])
    assert not Device.objects.exists()


def test_more_ids_than_a_query_takes(registry: Registry) -> None:
    ids = {f"device-{n}" for n in range(2500)}
    registry.register(ids)
    assert registry.known(ids | {"stranger"}) == ids


@pytest.mark.django_db(transaction=True)
def test_threads_share_a_registry(registry: Registry, device: Device) -> None:
    secret = tokens.issue_device_token(device).secret

    def ask(_: int) -> bool:
        try:
            return registry.known(["north:1"]) == {"north:1"} and registry.speaker(secret) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(ask, range(40)))
