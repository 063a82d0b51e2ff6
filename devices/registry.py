"""Who may speak for whom: the question the door asks for every request.

Answers are kept for a few seconds, so that the database is asked rarely; a revoked token and a deleted device are
refused everywhere within five seconds all the same.
"""

import re
import threading
import time
from asyncio import to_thread
from collections.abc import Callable, Collection, Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import Any, Literal

from django.db import close_old_connections
from django.db.models import Count, Max

from devices.ids import RULE, is_device_id
from devices.models import Device, DeviceToken, GatewayToken, PersonToken
from devices.roles import Role, role_of

REMEMBERED_S = 4.0
"""How long an answer holds. Below the five seconds that are promised, as asking takes time too."""

MAX_TOKENS = 100_000
MAX_REFUSED = 10_000
MAX_DEVICES = 1_000_000

_TOKEN = re.compile(r"^[dgp][A-Za-z0-9]{7}\.[A-Za-z0-9]{32}\Z")
_AT_ONCE = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who showed a valid token. `name` is the device id, the gateway's name or the user name."""

    kind: Literal["device", "gateway", "person"]
    name: str
    registers: bool = False
    role: Role | None = None
    user_id: int | None = None

    def may_speak_for(self, ids: Collection[str]) -> set[str]:
        """Those of `ids` whose events it may bring; whether they exist is for `Registry.known` to say."""
        if self.kind == "device":
            return {self.name} if self.name in ids else set()
        if self.kind == "gateway" or (self.role is not None and self.role.includes(Role.OPERATOR)):
            return set(ids)
        return set()


class _Memory:
    """Answers that hold until a moment, at most so many; beyond that it forgets them all. Safe between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[bytes, tuple[float, Speaker | None]] = {}

    def get(self, key: bytes, now: float) -> tuple[float, Speaker | None] | None:
        entry = self._entries.get(key)
        return entry if entry is not None and entry[0] > now else None

    def put(self, key: bytes, until: float, answer: Speaker | None) -> None:
        if len(self._entries) >= self._size:
            self._entries = {}
        self._entries[key] = (until, answer)


class Registry:
    """Tokens and devices as the database has them, at most `REMEMBERED_S` ago. `clock` counts seconds.

    Every method blocks while it asks the database; those beginning with `a` are for coroutines and leave the
    thread only when the database must be asked.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._speakers, self._refused = _Memory(MAX_TOKENS), _Memory(MAX_REFUSED)
        self._known: set[str] = set()
        self._stamp: tuple[int, int | None] | None = None
        self._stamp_holds_until = float("-inf")
        self._lock = threading.Lock()

    def speaker(self, token: str) -> Speaker | None:
        """Whose token this is; None for one that is unknown, revoked or expired."""
        now, key = self._clock(), _digest(token)
        entry = self._speakers.get(key, now) or self._refused.get(key, now)
        return entry[1] if entry else self._ask(token, key, now)

    async def aspeaker(self, token: str) -> Speaker | None:
        now, key = self._clock(), _digest(token)
        entry = self._speakers.get(key, now) or self._refused.get(key, now)
        return entry[1] if entry else await to_thread(self._ask, token, key, now)

    def known(self, ids: Iterable[str]) -> set[str]:
        """Those of `ids` that are devices."""
        asked = ids if isinstance(ids, set | frozenset) else set(ids)
        remembered = self._remembered(asked)
        return self._look_up(asked) if remembered is None else remembered

    async def aknown(self, ids: Iterable[str]) -> set[str]:
        asked = ids if isinstance(ids, set | frozenset) else set(ids)
        remembered = self._remembered(asked)
        return await to_thread(self._look_up, asked) if remembered is None else remembered

    def register(self, ids: Iterable[str]) -> set[str]:
        """Makes devices of those that are none yet and returns all of `ids`; ValueError names a malformed one."""
        asked = set(ids)
        for malformed in (text for text in asked if not is_device_id(text)):
            raise ValueError(f"{malformed!r}: {RULE}.")
        new = [Device(device_id=text) for text in sorted(asked - self.known(asked))]
        Device.objects.bulk_create(new, ignore_conflicts=True, batch_size=_AT_ONCE)
        return asked

    def _ask(self, token: str, key: bytes, now: float) -> Speaker | None:
        speaker = _speaker_of(token)
        (self._speakers if speaker else self._refused).put(key, now + REMEMBERED_S, speaker)
        return speaker

    def _remembered(self, asked: Set[str]) -> set[str] | None:
        """`asked` when all of it is remembered and the memory holds; otherwise None."""
        if self._clock() < self._stamp_holds_until and asked <= self._known:
            return set(asked)
        return None

    def _look_up(self, asked: Set[str]) -> set[str]:
        memory = self._memory_of_devices()
        found = memory & asked
        fresh = set(_devices(text for text in asked - found if is_device_id(text)))
        memory |= fresh
        return found | fresh

    def _memory_of_devices(self) -> set[str]:
        """The remembered ids. Forgotten when the stamp has changed, for then a device may have been deleted.

        Who adds to the set must have asked the database after taking it: an answer from before a deletion then
        ends up in a set that is no longer used.
        """
        with self._lock:
            now = self._clock()
            if now >= self._stamp_holds_until:
                stamp = _stamp()
                if stamp != self._stamp or len(self._known) > MAX_DEVICES:
                    self._stamp, self._known = stamp, set()
                self._stamp_holds_until = now + REMEMBERED_S
            return self._known


@cache
def get_registry() -> Registry:
    """The one registry of this process."""
    return Registry()


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()


def _stamp() -> tuple[int, int | None]:
    """Differs after every deletion: the count falls, and ids are never given twice."""
    close_old_connections()
    row = Device.objects.aggregate(count=Count("pk"), last=Max("pk"))
    return row["count"], row["last"]


def _devices(ids: Iterable[str]) -> Iterator[str]:
    rest = iter(ids)
    while some := list(islice(rest, _AT_ONCE)):
        yield from Device.objects.filter(device_id__in=some).values_list("device_id", flat=True)


def _speaker_of(token: str) -> Speaker | None:
    if not _TOKEN.match(token):
        return None
    close_old_connections()
    model, related, describe = _KINDS[token[0]]
    row = model.objects.valid().select_related(*related).filter(prefix=token.partition(".")[0]).first()
    return describe(row) if row is not None and row.is_valid(token) else None


def _device(token: DeviceToken) -> Speaker:
    return Speaker(kind="device", name=token.device.device_id)


def _gateway(token: GatewayToken) -> Speaker:
    return Speaker(kind="gateway", name=token.name, registers=token.registers)


def _person(token: PersonToken) -> Speaker | None:
    user = token.user
    return (
        Speaker(kind="person", name=user.get_username(), role=role_of(user), user_id=user.pk)
        if user.is_active
        else None
    )


_KINDS: dict[str, tuple[Any, tuple[str, ...], Callable[[Any], Speaker | None]]] = {
    "d": (DeviceToken, ("device",), _device),
    "g": (GatewayToken, (), _gateway),
    "p": (PersonToken, ("user",), _person),
}
