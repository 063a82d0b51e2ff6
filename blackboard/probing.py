"""Who is surely gone: nobody listens any more at the address that a process had when it registered.

A process that was killed takes its door along at once; its lease runs on for a while. Silence proves nothing, and
neither does an address that cannot be reached from here: only a refusal does.
"""

import selectors
import socket
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from errno import ECONNREFUSED, EINPROGRESS
from time import monotonic
from urllib.parse import urlsplit

from blackboard.facts import Member

PATIENCE_S = 0.05


def gone(members: Iterable[Member], *, patience_s: float = PATIENCE_S) -> frozenset[tuple[int, int]]:
    """The processes among these whose door refuses to be knocked at; all are tried at once."""
    with ExitStack() as open_, selectors.DefaultSelector() as selector:
        refused = [member.process for member in members if _knock(member, selector, open_)]
        refused += _refusals(selector, monotonic() + patience_s)
    return frozenset(refused)


def _knock(member: Member, selector: selectors.BaseSelector, open_: ExitStack) -> bool:
    """Whether it is refused at once; else the selector will tell."""
    address = _address(member.address)
    if address is None:
        return False
    door = open_.enter_context(socket.socket(_family(address[0])))
    door.setblocking(False)
    status = door.connect_ex(address)
    if status == EINPROGRESS:
        selector.register(door, selectors.EVENT_WRITE, member.process)
    return status == ECONNREFUSED


def _refusals(selector: selectors.BaseSelector, until: float) -> list[tuple[int, int]]:
    refused = []
    while selector.get_map() and (left := until - monotonic()) > 0:
        for key, _ in selector.select(left):
            door = key.fileobj
            assert isinstance(door, socket.socket)
            if door.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == ECONNREFUSED:
                refused.append(key.data)
            selector.unregister(door)
    return refused


def _address(url: str) -> tuple[str, int] | None:
    """Host and port; None where the address names none, or a name that would have to be looked up."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.hostname and parts.port and not parts.hostname.isalpha():
            return parts.hostname, parts.port
    return None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
