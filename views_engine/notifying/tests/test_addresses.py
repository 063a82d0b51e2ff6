import asyncio
from typing import Any

import pytest

from views_engine.notifying import addresses
from views_engine.notifying.addresses import Forbidden, is_public, resolve

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a00:1::",
    "::7f00:1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_these_are_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_these_are_public(address: str) -> None:
    assert is_public(address)


def names(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    """Makes every name lead to these addresses."""

    async def answer(self: Any, host: str, port: int, **_: Any) -> list[Any]:
        return [(None, None, None, "", (address, port)) for address in found]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", answer)


def ask(host: str, *, allow_private: bool = False) -> str:
    return asyncio.run(resolve(host, 443, allow_private=allow_private))


def test_a_name_that_leads_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, "10.0.0.5")
    with pytest.raises(Forbidden, match=r"innocent\.example leads to 10\.0\.0\.5"):
        ask("innocent.example")


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, "93.184.216.34", "169.254.169.254")
    with pytest.raises(Forbidden):
        ask("mixed.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "localhost", "::1"])
def test_other_ways_to_write_this_machine_are_seen_through(host: str) -> None:
    with pytest.raises(Forbidden):
        ask(host)


def test_where_settings_allow_it_anything_goes() -> None:
    assert ask("127.0.0.1", allow_private=True) == "127.0.0.1"
    assert addresses.is_public("127.0.0.1") is False
