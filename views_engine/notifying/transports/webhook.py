"""Webhooks: the facts as JSON, signed."""

import time

import msgspec

from views_engine.notifying.message import Message
from views_engine.notifying.posting import Limits, post
from views_engine.notifying.signing import signature
from views_engine.notifying.transports.base import Fault, Target, url_faults


class Webhook:
    """`target` is `{"url"}`. Headers: `Idempotency-Key`, `X-IoT-Timestamp`, `X-IoT-Signature`."""

    kind = "webhook"
    title = "Webhook"
    keeps_secret: str | None = None
    signs = True

    def faults(self, target: Target) -> list[Fault]:
        return url_faults(target)

    async def send(self, message: Message, target: Target, secret: str, limits: Limits) -> str:
        body = msgspec.json.encode({"id": message.key, "tone": message.tone, **message.body})
        timestamp = int(time.time())
        headers = {
            "Idempotency-Key": message.key,
            "X-IoT-Timestamp": str(timestamp),
            "X-IoT-Signature": signature(secret, timestamp, body),
        }
        return await post(target["url"], body, headers, limits)
