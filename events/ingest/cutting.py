"""A body cut into one line per event."""

from io import BytesIO

import msgspec

from events.decoding.strict import elements
from events.event import Refusal
from events.ingest.answers import NotTaken
from events.ingest.body import Media
from events.ingest.limits import Limits

BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_WITHOUT_LINE_BREAKS = bytes.maketrans(b"\r\n", b"  ")
_COMMAS_PER_EVENT = 20
_array = msgspec.json.Decoder(list[msgspec.Raw])


def cut(body: bytes, media: Media, limits: Limits) -> list[bytes]:
    """One line of JSON per event, not yet read; raises `NotTaken` 400 or 413."""
    if len(body) > limits.max_unpacked_bytes:
        raise NotTaken(413, f"The body is larger than {limits.max_unpacked_bytes} bytes unpacked.")
    body = body.removeprefix(BOM)
    lines = _lines(body, limits) if media is Media.NDJSON else _documents(body, limits)
    if not lines:
        raise NotTaken(400, "There is no event in the body.")
    return lines


def one_line(text: bytes) -> bytes:
    """JSON text without line breaks. Good JSON has them only between its tokens, where a blank means the same."""
    return text.translate(_WITHOUT_LINE_BREAKS) if b"\n" in text or b"\r" in text else text


def _lines(body: bytes, limits: Limits) -> list[bytes]:
    lines: list[bytes] = []
    for text in BytesIO(body):
        line = text.strip(_BLANK)
        if line:
            lines.append(line)
            if len(lines) > limits.max_events:
                raise _too_many(limits)
    return lines


def _documents(body: bytes, limits: Limits) -> list[bytes]:
    body = body.strip(_BLANK)
    if body[:1] == b"{":
        return [body]
    if body[:1] == b"[":
        return _elements(body, limits)
    raise NotTaken(400, "The body must be a JSON object or an array of objects." if body else "The body is empty.")


def _elements(body: bytes, limits: Limits) -> list[bytes]:
    """The elements of an array. Its own bracket counts as a level, the elements are read later."""
    try:
        if body.count(b",") <= limits.max_events * _COMMAS_PER_EVENT:
            found = [bytes(raw) for raw in _array.decode(body)]
        else:
            # So many commas could be millions of tiny elements: they are counted while they are cut.
            found = elements(body, at_most=limits.max_events + 1)
    except (msgspec.MsgspecError, Refusal, RecursionError) as error:
        raise NotTaken(400, f"The body cannot be read: {error}.") from None
    if len(found) > limits.max_events:
        raise _too_many(limits)
    return found


def _too_many(limits: Limits) -> NotTaken:
    return NotTaken(413, f"The body holds more than {limits.max_events} events.")
