"""Which addresses a message may go to: never to this machine or the network behind it, unless settings allow that.

A name is resolved once, every address it has is judged, and the connection goes to the address that was judged: a
name that points somewhere else a moment later gains nothing.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

ALSO_PRIVATE = (IPv4Network("192.0.0.0/24"), IPv6Network("64:ff9b:1::/48"))
"""What older Pythons take for public: protocol assignments (and a cloud's metadata), NAT64 within a network."""

EMBEDDING = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
"""Networks of IPv6 whose addresses end in one of IPv4 (NAT64, and the old compatible ones)."""


class Forbidden(Exception):
    """The target is one that nothing may be sent to."""


def is_public(text: str) -> bool:
    """Whether an address is anybody's on the internet; those that wrap another count as what they wrap.

    >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    address = _unwrapped(ip_address(text.partition("%")[0]))
    if any(address in network for network in ALSO_PRIVATE):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _unwrapped(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    teredo = address.teredo[1] if address.teredo else None
    inside = address.ipv4_mapped or address.sixtofour or teredo
    if inside is None and any(address in network for network in EMBEDDING) and int(address) > 1:
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    return inside or address


async def resolve(host: str, port: int, *, allow_private: bool) -> str:
    """The address to connect to. Raises `Forbidden` if any address of the host is private, OSError if it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    private = [address for address in addresses if not is_public(address)]
    if private and not allow_private:
        raise Forbidden(f"{host} leads to {private[0]}, which is not a public address.")
    return addresses[0]
