import pytest
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from devices import tokens
from devices.labels import tags_named
from devices.models import Device, DeviceToken, GatewayToken, Group, PersonToken
from devices.registry import Registry
from devices.tables import COLUMNS

pytestmark = [pytest.mark.django_db, pytest.mark.urls("devices.tests.admin_urls")]
DIALOG = {"_form_submitted": "on"}


@pytest.fixture
def device() -> Device:
    return Device.objects.create(device_id="north:1", name="Roof")


def person(role: str) -> Client:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Role.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def secret_in(page: str) -> str:
    return page.split("<code>")[1].split("</code>")[0]


@pytest.mark.parametrize(
    "model", ["device", "devicetype", "group", "site", "tag", "devicetoken", "gatewaytoken", "persontoken"]
)
def test_every_list_and_form_opens(admin_client: Client, model: str) -> None:
    assert admin_client.get(reverse(f"admin:devices_{model}_changelist") + "?q=x").status_code == 200
    added = admin_client.get(reverse(f"admin:devices_{model}_add")).status_code
    assert added == (403 if model == "devicetoken" else 200)


def test_the_page_of_a_device_opens_with_its_history(admin_client: Client, device: Device) -> None:
    tokens.issue_device_token(device)
    device.name = "Cellar"
    device.save()
    assert admin_client.get(reverse("admin:devices_device_change", args=[device.pk])).status_code == 200
    history = admin_client.get(reverse("admin:devices_device_history", args=[device.pk]))
    assert history.status_code == 200
    assert "Cellar" in history.content.decode()


def test_a_token_is_shown_on_the_next_page_alone(admin_client: Client, device: Device) -> None:
    dialog = reverse("admin:devices_device_create_token", args=[device.pk])
    assert admin_client.get(dialog).status_code == 200
    assert not DeviceToken.objects.exists()
    page = admin_client.post(dialog, DIALOG, follow=True).content.decode()
    speaker = Registry().speaker(secret_in(page))
    assert speaker is not None
    assert speaker.name == "north:1"
    assert "<code>" not in admin_client.get(reverse("admin:devices_device_change", args=[device.pk])).content.decode()


def test_a_third_token_is_refused_with_a_sentence(admin_client: Client, device: Device) -> None:
    dialog = reverse("admin:devices_device_create_token", args=[device.pk])
    for _ in range(2):
        admin_client.post(dialog, DIALOG, follow=True)
    assert "two valid tokens" in admin_client.post(dialog, DIALOG, follow=True).content.decode()


def test_a_token_is_rotated_and_revoked(admin_client: Client, device: Device) -> None:
    token = tokens.issue_device_token(device).token
    rotated = admin_client.post(reverse("admin:devices_devicetoken_rotate", args=[token.pk]), DIALOG, follow=True)
    assert Registry().speaker(secret_in(rotated.content.decode()))
    admin_client.post(reverse("admin:devices_devicetoken_revoke", args=[token.pk]), DIALOG)
    assert DeviceToken.objects.get(pk=token.pk).revoked


def test_chosen_tokens_are_revoked(admin_client: Client) -> None:
    chosen = tokens.issue_gateway_token("gw").token
    listed = reverse("admin:devices_gatewaytoken_changelist")
    admin_client.post(listed, {"action": "revoke_selected", "_selected_action": [chosen.pk]})
    assert GatewayToken.objects.get().revoked


def test_a_gateway_gets_its_token_by_the_form(admin_client: Client) -> None:
    form = reverse("admin:devices_gatewaytoken_add")
    page = admin_client.post(form, {"name": "gw", "registers": "on"}, follow=True).content.decode()
    speaker = Registry().speaker(secret_in(page))
    assert speaker is not None
    assert speaker.registers


def test_a_person_gets_a_token_by_the_form(admin_client: Client, admin_user: User) -> None:
    form = reverse("admin:devices_persontoken_add")
    page = admin_client.post(form, {"name": "laptop", "user": admin_user.pk}, follow=True).content.decode()
    assert Registry().speaker(secret_in(page))
    assert PersonToken.objects.get().user == admin_user


def test_many_devices_are_sorted_at_once(admin_client: Client, device: Device) -> None:
    group = Group.objects.create(name="outdoor")
    listed = reverse("admin:devices_device_changelist")
    chosen = {"action": "label_selected", "_selected_action": [device.pk]}
    assert "Sort devices" in admin_client.post(listed, chosen).content.decode()
    admin_client.post(listed, {**chosen, "apply": "1", "groups": [group.pk], "tags": "hot new"})
    assert list(device.groups.all()) == [group]
    assert {tag.name for tag in device.tags.all()} == {"hot", "new"}
    refused = admin_client.post(listed, {**chosen, "apply": "1", "tags": "a,b"})
    assert "A tag has no spaces" in refused.content.decode()


def test_a_table_is_imported_after_a_look(admin_client: Client, device: Device) -> None:
    Group.objects.create(name="outdoor")
    table = b"device_id,name,groups,tags\nnorth:1,Cellar,outdoor,hot;new\nsouth:1,,,\n"
    upload = {"format": "0", "import_file": SimpleUploadedFile("devices.csv", table, "text/csv")}
    look = admin_client.post(reverse("admin:devices_device_import"), upload)
    assert Device.objects.count() == 1
    confirm = look.context["confirm_form"].initial
    admin_client.post(reverse("admin:devices_device_process_import"), confirm)
    device.refresh_from_db()
    assert device.name == "Cellar"
    assert [group.name for group in device.groups.all()] == ["outdoor"]
    assert Device.objects.filter(device_id="south:1").exists()


def test_a_table_that_names_a_stranger_is_not_imported(admin_client: Client) -> None:
    upload = {"format": "0", "import_file": SimpleUploadedFile("d.csv", b"device_id,groups\na,ghost\n", "text/csv")}
    look = admin_client.post(reverse("admin:devices_device_import"), upload)
    assert "There is no group" in look.content.decode()
    assert not Device.objects.exists()


def test_devices_are_exported(admin_client: Client, device: Device) -> None:
    device.tags.set(tags_named(["hot", "new"]))
    answer = admin_client.post(reverse("admin:devices_device_export"), {"format": "0", "resource": "0"})
    assert answer.content.decode().splitlines() == [",".join(COLUMNS), "north:1,Roof,,,,hot;new,,"]


@pytest.mark.parametrize(
    ("role", "model", "status"),
    [
        ("viewer", "device", 403),
        ("operator", "device", 200),
        ("operator", "gatewaytoken", 403),
        ("administrator", "gatewaytoken", 200),
    ],
)
def test_roles_hold_in_the_admin(role: str, model: str, status: int) -> None:
    assert person(role).get(reverse(f"admin:devices_{model}_add")).status_code == status


def test_a_viewer_looks_and_makes_no_token(device: Device) -> None:
    client = person("viewer")
    assert client.get(reverse("admin:devices_device_changelist")).status_code == 200
    assert client.post(reverse("admin:devices_device_create_token", args=[device.pk]), DIALOG).status_code == 403
    assert not DeviceToken.objects.exists()


def test_people_and_roles_are_listed(admin_client: Client) -> None:
    assert admin_client.get(reverse("admin:auth_user_changelist")).status_code == 200
    assert admin_client.get(reverse("admin:auth_user_add")).status_code == 200
    assert "operator" in admin_client.get(reverse("admin:auth_group_changelist")).content.decode()
