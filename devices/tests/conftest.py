from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

from devices import tokens

Client = Callable[[str], APIClient]


@pytest.fixture
def client_of(db: None) -> Client:
    """A client that shows a token of a person with this role, of a `device`, of a `gateway`, or none for `nobody`."""

    def make(who: str) -> APIClient:
        client = APIClient()
        if who != "nobody":
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {_secret(who)}")
        return client

    return make


@pytest.fixture
def operator(client_of: Client) -> APIClient:
    return client_of("operator")


def _secret(who: str) -> str:
    from devices.models import Device

    match who:
        case "device":
            device, _ = Device.objects.get_or_create(device_id="talker")
            return tokens.issue_device_token(device).secret
        case "gateway":
            return tokens.issue_gateway_token("gw").secret
    person = User.objects.create_user(f"{who}-{User.objects.count()}")
    if who != "stranger":
        person.groups.add(Group.objects.get(name=who))
    return tokens.issue_person_token(person).secret
