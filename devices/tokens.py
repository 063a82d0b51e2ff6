"""What is done with credentials: issue, rotate, revoke. A secret is in the answer once and nowhere else."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from devices.models import Device, DeviceToken, GatewayToken, PersonToken, Token
from devices.models.credential import SLOTS, Issued

OVERLAP = timedelta(days=1)
"""How long the old token goes on working after a rotation, unless said otherwise."""


class TooManyTokens(Exception):
    """The device holds two valid tokens already."""


class NotUsable(Exception):
    """The token is revoked or has expired, so there is nothing to rotate."""


@transaction.atomic
def issue_device_token(device: Device, *, name: str = "", expires_at: datetime | None = None) -> Issued:
    """Raises TooManyTokens when two are valid; those that have expired make room."""
    return DeviceToken.objects.issue(
        device=device, slot=_free_slot(device), name=name or device.device_id[:50], expiry_date=expires_at
    )


def issue_gateway_token(name: str, *, registers: bool = False, expires_at: datetime | None = None) -> Issued:
    return GatewayToken.objects.issue(name=name, registers=registers, expiry_date=expires_at)


def issue_person_token(user: User, *, name: str = "", expires_at: datetime | None = None) -> Issued:
    name = name or user.get_username()[:50]
    return PersonToken.objects.issue(user=user, name=name, expiry_date=expires_at)


@transaction.atomic
def rotate(token: Token, *, overlap: timedelta = OVERLAP) -> Issued:
    """A new token like this one, which itself expires after `overlap`.

    Raises NotUsable for one that is over, TooManyTokens when a device's two tokens are both valid.
    """
    if not token.is_usable:
        raise NotUsable(f"The token {token.prefix} is revoked or has expired; issue a new one.")
    issued = _successor(token)
    ends = timezone.now() + overlap
    token.expiry_date = min(token.expiry_date, ends) if token.expiry_date else ends
    token.save()
    return issued


def revoke(token: Token) -> None:
    """From now on refused; within five seconds everywhere. A second time changes nothing."""
    if not token.revoked:
        token.revoked = True
        token.save()


def find(token_id: str) -> Token | None:
    """The credential of any kind with this id."""
    kinds: tuple[Any, ...] = (DeviceToken, GatewayToken, PersonToken)
    found = (kind.objects.filter(pk=token_id).first() for kind in kinds)
    return next((token for token in found if token is not None), None)


def _successor(token: Token) -> Issued:
    match token:
        case DeviceToken():
            return issue_device_token(token.device, name=token.name)
        case GatewayToken():
            return issue_gateway_token(token.name, registers=token.registers)
        case PersonToken():
            return issue_person_token(token.user, name=token.name)
    raise TypeError(f"There is no way to rotate a {type(token).__name__}.")


def _free_slot(device: Device) -> int:
    """Locks the device, so that of two who ask at once the second sees the token of the first."""
    Device.objects.select_for_update().get(pk=device.pk)
    tokens = list(DeviceToken.objects.filter(device=device, revoked=False))
    for token in tokens:
        if token.has_expired:
            revoke(token)
    taken = {token.slot for token in tokens if not token.revoked}
    free = [slot for slot in SLOTS if slot not in taken]
    if not free:
        raise TooManyTokens(f"Device {device.device_id} has two valid tokens already; revoke one first.")
    return free[0]
