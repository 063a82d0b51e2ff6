from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from devices import tokens
from devices.models import Device, DeviceToken
from devices.registry import Registry
from devices.tests.conftest import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("devices.tests.urls")]
TOKENS = "/api/v1/devices/a:1/tokens"


@pytest.fixture(autouse=True)
def device(db: None) -> Device:
    return Device.objects.create(device_id="a:1")


def issue(client: APIClient, **body: Any) -> dict[str, Any]:
    answer = client.post(TOKENS, body, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()  # type: ignore[no-any-return]


def test_a_token_is_shown_once(operator: APIClient) -> None:
    issued = issue(operator)
    assert issued["token"].startswith(issued["prefix"] + ".")
    assert issued["created_at"].endswith("Z")
    listed = operator.get(TOKENS)
    assert [row["id"] for row in listed.json()["results"]] == [issued["id"]]
    assert issued["token"] not in listed.content.decode()


def test_only_the_hash_is_kept(operator: APIClient) -> None:
    issued = issue(operator)
    kept = DeviceToken.objects.values().get()
    assert issued["token"].split(".")[1] not in str(kept)
    assert kept["hashed_key"] not in str(issued)


def test_a_third_token_is_refused(operator: APIClient) -> None:
    first = issue(operator)
    issue(operator)
    refused = operator.post(TOKENS, {}, format="json")
    assert refused.status_code == 409
    assert "two valid tokens" in refused.json()["detail"]
    operator.delete(f"/api/v1/tokens/{first['id']}")
    issue(operator)


def test_what_has_expired_makes_room(operator: APIClient) -> None:
    past = (timezone.now() - timedelta(minutes=1)).isoformat()
    issue(operator, expires_at=past)
    issue(operator)
    issue(operator)
    assert DeviceToken.objects.filter(revoked=True).count() == 1


def test_a_time_of_expiry_needs_an_offset(operator: APIClient) -> None:
    answer = operator.post(TOKENS, {"expires_at": "2030-01-01T00:00:00"}, format="json")
    assert answer.json()["errors"][0]["pointer"] == "/expires_at"
    assert issue(operator, expires_at="2030-01-01T02:00:00.1239+02:00")["expires_at"] == "2030-01-01T00:00:00.123Z"


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "10000-01-01T00:00:00Z"])
def test_a_time_beyond_the_calendar_is_refused(operator: APIClient, moment: str) -> None:
    assert operator.post(TOKENS, {"expires_at": moment}, format="json").status_code == 400


def test_a_revoked_token_is_refused(operator: APIClient) -> None:
    issued = issue(operator)
    assert Registry().speaker(issued["token"])
    assert operator.delete(f"/api/v1/tokens/{issued['id']}").status_code == 204
    assert Registry().speaker(issued["token"]) is None
    assert operator.delete(f"/api/v1/tokens/{issued['id']}").status_code == 204


def test_a_rotation_leaves_the_old_one_for_a_while(operator: APIClient) -> None:
    old = issue(operator)
    answer = operator.post(f"/api/v1/tokens/{old['id']}/rotate", {"overlap_s": 60}, format="json")
    assert answer.status_code == 201
    assert Registry().speaker(answer.json()["token"])
    assert Registry().speaker(old["token"])
    ends = DeviceToken.objects.get(pk=old["id"]).expiry_date
    assert ends is not None
    assert ends <= timezone.now() + timedelta(seconds=60)


def test_a_rotation_without_overlap_ends_the_old_one(operator: APIClient) -> None:
    old = issue(operator)
    operator.post(f"/api/v1/tokens/{old['id']}/rotate", {"overlap_s": 0}, format="json")
    assert Registry().speaker(old["token"]) is None


def test_a_rotation_without_a_body_takes_the_usual_overlap(operator: APIClient) -> None:
    old = issue(operator)
    assert operator.post(f"/api/v1/tokens/{old['id']}/rotate").status_code == 201


def test_what_is_revoked_cannot_be_rotated(operator: APIClient) -> None:
    old = issue(operator)
    operator.delete(f"/api/v1/tokens/{old['id']}")
    assert operator.post(f"/api/v1/tokens/{old['id']}/rotate").status_code == 409


def test_two_valid_ones_cannot_be_rotated_into_three(operator: APIClient) -> None:
    old = issue(operator)
    issue(operator)
    assert operator.post(f"/api/v1/tokens/{old['id']}/rotate").status_code == 409


def test_what_is_not_there_is_404(operator: APIClient) -> None:
    assert operator.get("/api/v1/devices/ghost/tokens").status_code == 404
    assert operator.post("/api/v1/devices/ghost/tokens", {}, format="json").status_code == 404
    assert operator.delete("/api/v1/tokens/ghost").status_code == 404


@pytest.mark.parametrize(
    ("who", "own", "gateways"),
    [("nobody", 401, 401), ("viewer", 403, 403), ("operator", 204, 403), ("administrator", 204, 204)],
)
def test_who_may_revoke(client_of: Client, device: Device, who: str, own: int, gateways: int) -> None:
    client = client_of(who)
    of_device = tokens.issue_device_token(device).token
    of_gateway = tokens.issue_gateway_token("gw").token
    assert client.delete(f"/api/v1/tokens/{of_device.pk}").status_code == own
    assert client.delete(f"/api/v1/tokens/{of_gateway.pk}").status_code == gateways


def test_people_may_revoke_their_own_and_nobody_elses(operator: APIClient) -> None:
    other = User.objects.create_user("other")
    of_other = tokens.issue_person_token(other).token
    assert operator.delete(f"/api/v1/tokens/{of_other.pk}").status_code == 403
