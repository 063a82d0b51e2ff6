"""Gzip, unpacked piece by piece, so that a small body cannot become a huge one in memory."""

import zlib
from collections.abc import Iterator
from io import BytesIO

from events.ingest.answers import NotTaken

_CHUNK = 64 * 1024
_MAX_MEMBERS = 10_000


def unpacked(sent: bytes, *, max_bytes: int) -> bytes:
    """The gzip body unpacked; raises `NotTaken`: 400 when damaged or cut short, 413 beyond `max_bytes`."""
    try:
        body = b"".join(_members(sent, max_bytes + 1))
    except zlib.error as error:
        raise NotTaken(400, f"The body is not readable as gzip: {error}.") from None
    if len(body) > max_bytes:
        raise NotTaken(413, f"The body is larger than {max_bytes} bytes unpacked.")
    return body


def _members(sent: bytes, room: int) -> Iterator[bytes]:
    """What the members hold, one after the other, until there is no more room."""
    source, members = BytesIO(sent), 0
    waiting = source.read(_CHUNK)
    while waiting or members == 0:
        members += 1
        if members > _MAX_MEMBERS:
            raise zlib.error("too many members")
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            part = member.decompress(waiting, room)
            yield part
            room -= len(part)
            if room <= 0:
                return
            waiting = member.unconsumed_tail or (b"" if member.eof else source.read(_CHUNK))
            if not waiting and not member.eof:
                raise zlib.error("it ends too early")
        waiting = member.unused_data or source.read(_CHUNK)
