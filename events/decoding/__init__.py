"""From lines of JSON to columns of events: a quick reader for plain lines, an exact one for all others."""

from events.decoding.batches import Decoded, Refused, batch_of, decode, decode_exactly
from events.decoding.checking import Checked, check

__all__ = ["Checked", "Decoded", "Refused", "batch_of", "check", "decode", "decode_exactly"]
