"""`manage.py issue_token`: a credential for a device, a gateway or a person."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from commandline import base
from commandline.base import Mistake
from devices import tokens
from devices.ids import RULE, is_device_id
from devices.models import Device
from devices.models.credential import Issued

MAX_NAME = 50


class Command(base.Command):
    help = "Makes a token and prints it, this once; only its hash is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=["device", "gateway", "user"], help="Who is going to speak.")
        parser.add_argument("name", help="The device id, a name for the gateway, or the user name of a person.")
        parser.add_argument("--register", action="store_true", help="The gateway creates devices it has not seen.")

    def handle(self, *args: Any, kind: str, name: str, register: bool, **options: Any) -> None:
        if register and kind != "gateway":
            raise Mistake(f"--register is for gateways, not for a {kind}.")
        match kind:
            case "device":
                issued = for_device(name)
            case "gateway":
                issued = for_gateway(name, registers=register)
            case _:
                issued = for_person(name)
        self.stdout.write(issued.secret)


def for_device(name: str) -> Issued:
    if not is_device_id(name):
        raise Mistake(f"{name!r} names no device. {RULE}.")
    device, _ = Device.objects.get_or_create(device_id=name)
    try:
        return tokens.issue_device_token(device)
    except tokens.TooManyTokens as error:
        raise Mistake(str(error)) from error


def for_gateway(name: str, *, registers: bool) -> Issued:
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise Mistake(f"The name of a gateway has 1 to {MAX_NAME} printable characters.")
    return tokens.issue_gateway_token(name, registers=registers)


def for_person(name: str) -> Issued:
    person = User.objects.filter(username=name).first()
    if person is None:
        raise Mistake(f"There is no person {name!r}; make one with `python manage.py createsuperuser`.")
    return tokens.issue_person_token(person)
