import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group, Permission, User

from devices.role_permissions import grant
from devices.roles import Role, role_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ([], None),
        (["viewer"], Role.VIEWER),
        (["viewer", "operator"], Role.OPERATOR),
        (["administrator", "viewer"], Role.ADMINISTRATOR),
    ],
)
def test_the_highest_group_is_the_role(groups: list[str], role: Role | None) -> None:
    person = User.objects.create_user("ada")
    person.groups.set(Group.objects.filter(name__in=groups))
    assert role_of(person) == role


def test_a_superuser_is_administrator() -> None:
    assert role_of(User.objects.create_superuser("root")) == "administrator"


def test_strangers_and_the_inactive_have_no_role() -> None:
    assert role_of(None) is None
    assert role_of(AnonymousUser()) is None
    assert role_of(User.objects.create_superuser("gone", is_active=False)) is None


@pytest.mark.parametrize(
    ("role", "other", "includes"),
    [
        (Role.VIEWER, "viewer", True),
        (Role.VIEWER, "operator", False),
        (Role.ADMINISTRATOR, "viewer", True),
        (Role.OPERATOR, "administrator", False),
    ],
)
def test_higher_roles_include_the_lower(role: Role, other: str, includes: bool) -> None:
    assert role.includes(other) is includes


@pytest.mark.parametrize(
    ("role", "codename", "held"),
    [
        ("viewer", "view_device", True),
        ("viewer", "change_device", False),
        ("viewer", "view_persontoken", False),
        ("operator", "delete_device", True),
        ("operator", "add_devicetoken", True),
        ("operator", "add_gatewaytoken", False),
        ("operator", "delete_historicaldevice", False),
        ("administrator", "add_gatewaytoken", True),
        ("administrator", "add_user", True),
    ],
)
def test_roles_hold_permissions(role: str, codename: str, held: bool) -> None:
    assert Group.objects.get(name=role).permissions.filter(codename=codename).exists() is held


def test_what_people_took_away_stays_away() -> None:
    viewer = Group.objects.get(name="viewer")
    viewer.permissions.remove(Permission.objects.get(codename="view_device"))
    grant(apps.get_app_config("devices"))
    assert not viewer.permissions.filter(codename="view_device").exists()
