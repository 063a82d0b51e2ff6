"""From lines of JSON to columns of events: a quick reader for plain lines, an exact one for all others."""

from events.decoding.batches import Decoded, Refused, batch_of, decode, decode_exactly

__all__ = ["Decoded", "Refused", "batch_of", "decode", "decode_exactly"]
