"""E-mail, by Django's mail settings."""

import asyncio
from smtplib import SMTPException

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from views_engine.notifying.message import Message
from views_engine.notifying.posting import Limits, NotDelivered
from views_engine.notifying.transports.base import Fault, Target, unknown_members

MOST_RECIPIENTS = 50


class Email:
    """`target` is `{"to": [addresses]}`. A second copy has the same Message-ID, and mail programs show it once."""

    kind = "email"
    title = "E-mail"
    keeps_secret: str | None = None
    signs = False

    def faults(self, target: Target) -> list[Fault]:
        to = target.get("to")
        found = unknown_members(target, {"to"})
        if to is None:
            return [*found, Fault("to", "missing", "At least one address is needed.")]
        if not isinstance(to, list) or not 1 <= len(to) <= MOST_RECIPIENTS:
            return [*found, Fault("to", "wrong_type", f"A list of 1 to {MOST_RECIPIENTS} addresses.")]
        wrong = [each for each in to if not _is_address(each)]
        return found + [Fault("to", "invalid", f"{each!r} is no e-mail address.") for each in wrong]

    async def send(self, message: Message, target: Target, secret: str, limits: Limits) -> str:
        try:
            await asyncio.to_thread(_mail(message, target["to"]).send)
        except (SMTPException, OSError) as error:
            raise NotDelivered(f"The mail server did not take it: {type(error).__name__}.") from error
        return f"handed over for {len(target['to'])}"


def _mail(message: Message, to: list[str]) -> EmailMessage:
    headers = {"Message-ID": f"<{message.key}@iot-event-processor>", "X-Idempotency-Key": message.key}
    title = " ".join(message.title.split())
    return EmailMessage(subject=title, body="\n".join(message.lines()) + "\n", to=to, headers=headers)


def _is_address(text: object) -> bool:
    try:
        validate_email(text if isinstance(text, str) else None)
    except ValidationError:
        return False
    return True
