"""What each role may do in the admin, in Django's permissions; the API asks for the role itself.

Runs after every `migrate`, because the permissions of an app exist only then. A permission that the administrators
hold already is left alone, so that what people change by hand stays.
"""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as present_apps
from django.apps.registry import Apps

from devices.roles import Role

OPERATED = ("devices", "events", "views_engine", "alerts", "notifying")
WATCHED = (*OPERATED, "blackboard")
SECRETS = ("gatewaytoken", "persontoken", "historicalgatewaytoken", "historicalpersontoken")


def grant(sender: AppConfig, apps: Apps = present_apps, using: str = "default", **_: Any) -> None:
    """Makes the three groups where they are missing and gives them the new permissions of the app `sender`."""
    try:
        group_model, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:
        return
    groups = {role: group_model.objects.using(using).get_or_create(name=role.value)[0] for role in Role}
    of_app = permissions.objects.using(using).filter(content_type__app_label=sender.label)
    new = of_app.exclude(group=groups[Role.ADMINISTRATOR])
    for role, theirs in _share(sender.label, list(new.select_related("content_type"))).items():
        groups[role].permissions.add(*theirs)


def _share(label: str, new: list[Any]) -> dict[Role, list[Any]]:
    open_to_all = [each for each in new if label in WATCHED and each.content_type.model not in SECRETS]
    viewing = [each for each in open_to_all if each.codename.startswith("view_")]
    operating = [each for each in open_to_all if label in OPERATED and not _is_history(each)]
    return {Role.VIEWER: viewing, Role.OPERATOR: [*viewing, *operating], Role.ADMINISTRATOR: new}


def _is_history(permission: Any) -> bool:
    return bool(permission.content_type.model.startswith("historical"))
