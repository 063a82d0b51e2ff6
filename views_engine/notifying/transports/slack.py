"""Slack, and whatever else takes Slack's incoming webhooks (Mattermost, Rocket.Chat, Discord's /slack)."""

import msgspec

from views_engine.notifying.message import Message
from views_engine.notifying.policy import Tone
from views_engine.notifying.posting import Limits, post
from views_engine.notifying.transports.base import Fault, Target, url_faults

COLOURS = {"critical": "#d92d20", "warning": "#f79009", "info": "#2e90fa"}
QUIET = "#98a2b3"
OVER = "#12b76a"


class Slack:
    """`target` is `{"url"}`; whoever knows the address may post, so it is kept as the secret."""

    kind = "slack"
    title = "Slack"
    keeps_secret: str | None = "url"
    signs = False

    def faults(self, target: Target) -> list[Fault]:
        return url_faults(target)

    async def send(self, message: Message, target: Target, secret: str, limits: Limits) -> str:
        title, lines = _safe(message.title), _safe("\n".join(message.lines()))
        attachment = {"color": _colour(message), "text": lines, "fallback": title}
        body = msgspec.json.encode({"text": title, "attachments": [attachment]})
        return await post(secret, body, {"Idempotency-Key": message.key}, limits)


def _colour(message: Message) -> str:
    if message.tone is Tone.NOTE:
        return QUIET
    over = message.body["change"] in ("cleared", "withdrawn", "merged")
    return OVER if over else COLOURS.get(str(message.alert["severity"]), QUIET)


def _safe(text: str) -> str:
    """As Slack wants texts that are not markup: a rule's name can call nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
