"""Signatures of webhooks: who knows the channel's secret can tell that a message is ours, and how old it is."""

import hmac


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256, as hexadecimal digits, of `<timestamp>.<body>`; `timestamp` in seconds since 1970."""
    return "v1=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()
