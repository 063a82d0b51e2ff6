"""What a transport is."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from views_engine.notifying.message import Message
from views_engine.notifying.posting import Limits

Target = Mapping[str, Any]

MAX_URL = 2000


class Fault(NamedTuple):
    """What is wrong with a target: `member` of it, a code, a sentence."""

    member: str
    code: str
    detail: str


class Transport(Protocol):
    """One way to send. `kind` is its word in channels; `title` is for people.

    `keeps_secret`: the member of a target that is as good as a password, and never shown again.
    """

    kind: str
    title: str
    keeps_secret: str | None
    signs: bool

    def faults(self, target: Target) -> list[Fault]:
        """What is wrong with a target."""
        ...

    async def send(self, message: Message, target: Target, secret: str, limits: Limits) -> str:
        """Sends; returns what the other side said. Raises `NotDelivered`."""
        ...


def unknown_members(target: Target, known: set[str]) -> list[Fault]:
    listed = ", ".join(sorted(known))
    strange = [name for name in target if name not in known]
    return [Fault(name, "unknown", f"There is no {name!r} here; known: {listed}.") for name in strange]


def url_faults(target: Target, *, schemes: tuple[str, ...] = ("https", "http")) -> list[Fault]:
    """What is wrong with a target that is one `url`."""
    found = unknown_members(target, {"url"})
    url = target.get("url")
    if url is None:
        return [*found, Fault("url", "missing", "An address is needed.")]
    if not isinstance(url, str):
        return [*found, Fault("url", "wrong_type", "The address is a text.")]
    return found + [Fault("url", "invalid", detail) for detail in _url_mistakes(url, schemes)]


def _url_mistakes(url: str, schemes: tuple[str, ...]) -> list[str]:
    if len(url) > MAX_URL or not url.isascii() or any(character <= " " for character in url):
        return [f"An address is at most {MAX_URL} visible ASCII characters."]
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return [f"This is no address: {error}."]
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        return [f"An address begins with {' or '.join(f'{scheme}://' for scheme in schemes)} and a host."]
    if parts.username or parts.password:
        return ["An address holds no user and password: everybody who sees the channel would see them."]
    return []
