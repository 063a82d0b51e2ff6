"""Credentials: hashed, shown once, told apart by the first letter of what is shown."""

import secrets
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from rest_framework_api_key.crypto import KeyGenerator
from rest_framework_api_key.models import AbstractAPIKey, APIKeyManager
from simple_history.models import HistoricalRecords

from devices.models.device import Device

SLOTS = (1, 2)
"""A device may hold as many valid tokens at once, so that one can be replaced without a gap."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token with its secret, which nobody can read again."""

    token: "Token"
    secret: str


class KindOfKeys(KeyGenerator):
    """Keys like `d4fTq0Zb.<32 letters>`: the first letter says whose they are."""

    def __init__(self, letter: str) -> None:
        super().__init__(prefix_length=7)
        self.letter = letter

    def get_prefix(self) -> str:
        return self.letter + get_random_string(self.prefix_length)


class Tokens(APIKeyManager):
    """`create_key` and `issue` make keys that begin with `letter`."""

    letter: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.key_generator = KindOfKeys(self.letter)

    def assign_key(self, obj: AbstractAPIKey) -> str:
        """The secret. The public id is chance, so that the hash shows in no address."""
        key = super().assign_key(obj)
        obj.id = secrets.token_hex(8)
        return key

    def issue(self, **fields: Any) -> Issued:
        token, secret = self.create_key(**fields)
        return Issued(cast(Token, token), secret)

    def valid(self) -> "models.QuerySet[Any]":
        return self.filter(Q(expiry_date__isnull=True) | Q(expiry_date__gt=timezone.now()), revoked=False)


class Token(AbstractAPIKey):
    """What every credential has: `id`, `prefix`, `name`, `created`, `expiry_date`, `revoked`."""

    kind: ClassVar[str]

    class Meta(AbstractAPIKey.Meta):
        abstract = True

    @property
    def is_usable(self) -> bool:
        return not self.revoked and not self.has_expired

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"


class DeviceTokens(Tokens):
    letter = "d"


class DeviceToken(Token):
    """Speaks for one device. Two are valid at once at most, which the database sees to by their slots."""

    kind = "device"
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="tokens")
    slot = models.PositiveSmallIntegerField(editable=False, default=SLOTS[0])
    objects: ClassVar[DeviceTokens] = DeviceTokens()
    history = HistoricalRecords(excluded_fields=["hashed_key"])

    class Meta(Token.Meta):
        verbose_name = "device token"
        verbose_name_plural = "device tokens"
        constraints = [
            models.CheckConstraint(name="device_token_slot_exists", condition=Q(slot__in=SLOTS)),
            models.UniqueConstraint(
                name="two_valid_tokens_a_device", fields=["device", "slot"], condition=Q(revoked=False)
            ),
        ]


class GatewayTokens(Tokens):
    letter = "g"


class GatewayToken(Token):
    """Speaks for any device; with `registers`, also for devices nobody has seen before."""

    kind = "gateway"
    registers = models.BooleanField(
        "registers devices", default=False, help_text="Events of unknown devices create them instead of being refused."
    )
    objects: ClassVar[GatewayTokens] = GatewayTokens()
    history = HistoricalRecords(excluded_fields=["hashed_key"])

    class Meta(Token.Meta):
        verbose_name = "gateway token"
        verbose_name_plural = "gateway tokens"


class PersonTokens(Tokens):
    letter = "p"


class PersonToken(Token):
    """A person's key to the API; it may do what the person may."""

    kind = "person"
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    objects: ClassVar[PersonTokens] = PersonTokens()
    history = HistoricalRecords(excluded_fields=["hashed_key"])

    class Meta(Token.Meta):
        verbose_name = "personal token"
        verbose_name_plural = "personal tokens"
