import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from devices import tokens
from devices.models import Device, DeviceToken, DeviceType, Group, Site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("device_id", ["a", "A-Z_0.9:x", "x" * 64])
def test_a_well_formed_id_is_kept(device_id: str) -> None:
    assert Device.objects.create(device_id=device_id).pk


@pytest.mark.parametrize("device_id", ["", "a b", "a/b", "a\n", "x" * 65, "é"])
def test_the_database_refuses_a_malformed_id(device_id: str) -> None:
    with pytest.raises(IntegrityError):
        Device.objects.create(device_id=device_id)


def test_an_id_is_given_once() -> None:
    Device.objects.create(device_id="a")
    with pytest.raises(IntegrityError):
        Device.objects.create(device_id="a")


def test_nothing_is_offline_after_no_time() -> None:
    with pytest.raises(IntegrityError):
        Device.objects.create(device_id="a", offline_after_s=0)


@pytest.mark.parametrize(("latitude", "longitude"), [(1.0, None), (None, 1.0), (91.0, 0.0), (0.0, -181.0)])
def test_half_a_position_is_none(latitude: float | None, longitude: float | None) -> None:
    with pytest.raises(IntegrityError):
        Site.objects.create(name="x", latitude=latitude, longitude=longitude)


def test_the_database_allows_two_valid_tokens_at_most() -> None:
    device = Device.objects.create(device_id="a")
    tokens.issue_device_token(device)
    with pytest.raises(IntegrityError), transaction.atomic():
        DeviceToken.objects.issue(device=device, slot=1, name="another")
    assert DeviceToken.objects.filter(device=device).count() == 1


def test_a_revoked_token_stays_revoked() -> None:
    token = tokens.issue_device_token(Device.objects.create(device_id="a")).token
    tokens.revoke(token)
    token = DeviceToken.objects.get(pk=token.pk)
    token.revoked = False
    with pytest.raises(ValidationError):
        token.save()


def test_what_a_device_belongs_to_may_go() -> None:
    group, site = Group.objects.create(name="g"), Site.objects.create(name="s")
    kind = DeviceType.objects.create(slug="t", name="T")
    device = Device.objects.create(device_id="a", site=site, device_type=kind)
    device.groups.add(group)
    for belonging in (group, site, kind):
        belonging.delete()
    device.refresh_from_db()
    assert (device.site, device.device_type, device.groups.count()) == (None, None, 0)


def test_every_change_is_in_the_history() -> None:
    device = Device.objects.create(device_id="a")
    device.name = "Roof"
    device.save()
    tokens.revoke(tokens.issue_device_token(device).token)
    assert list(device.history.values_list("history_type", flat=True)) == ["~", "+"]
    assert list(DeviceToken.history.values_list("revoked", flat=True)) == [True, False]
    assert "hashed_key" not in {field.name for field in DeviceToken.history.model._meta.get_fields()}
