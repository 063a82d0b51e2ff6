"""The ways to send, by their kind: adding a line here announces a transport."""

from collections.abc import Mapping

from views_engine.notifying.transports.base import Transport
from views_engine.notifying.transports.email import Email
from views_engine.notifying.transports.slack import Slack
from views_engine.notifying.transports.webhook import Webhook

TRANSPORTS: Mapping[str, Transport] = {transport.kind: transport for transport in (Email(), Webhook(), Slack())}
