"""The pages of alerts, rules, epochs and the pipeline: who may see them, what is not there, and what is no markup."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from devices.models import Device
from views_engine.alerts.models import Alert, Revision, Rule
from views_engine.tests.pipeline import START_MS

pytestmark = pytest.mark.django_db

NASTY = "<script>alert(1)</script>"


@pytest.fixture
def alert() -> Alert:
    Device.objects.create(device_id="a:1")
    rule = Rule.objects.create(
        name=NASTY, kind="threshold", event_type="temperature", parameters={"operator": ">", "value": 30}
    )
    times = {"started_at": START_MS, "raised_at": START_MS, "created_at": START_MS}
    return Alert.objects.create(
        rule=rule, rule_name=NASTY, device_id="a:1", shard=0, severity="warning", state="open", **times
    )


def of_role(name: str) -> Client:
    person = User.objects.create_user(f"{name}-1")
    person.groups.add(Group.objects.get_or_create(name=name)[0])
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_rules_name_is_never_markup(alert: Alert) -> None:
    text = of_role("viewer").get(f"/alerts/{alert.pk}/").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize("address", ["/alerts/999/", f"/alerts/{2**70}/", "/epochs/77/1/", f"/epochs/0/{2**70}/"])
def test_what_is_not_there_has_no_page(address: str) -> None:
    assert of_role("viewer").get(address).status_code == 404


def test_strangers_see_no_alert(alert: Alert) -> None:
    assert Client().get(f"/alerts/{alert.pk}/").status_code == 302


def test_who_may_only_look_finds_no_buttons(alert: Alert) -> None:
    looks, acts = (of_role(name).get(f"/alerts/{alert.pk}/").content.decode() for name in ("viewer", "operator"))
    assert 'id="act"' not in looks
    assert 'id="act"' in acts
    assert "<option>operator-1</option>" in acts
    assert "<option>viewer-1</option>" not in acts


def test_who_may_only_look_does_not_steer() -> None:
    pages = [of_role(name).get("/pipeline/").content.decode() for name in ("viewer", "operator")]
    assert [page.count('data-may-steer="yes"') for page in pages] == [0, 1]


def test_an_epoch_names_the_alerts_that_late_events_corrected(alert: Alert) -> None:
    cause = {"device_id": "a:1", "event_type": "temperature", "observed_at": START_MS, "event_id": "e"}
    for number, why in ((1, None), (2, cause)):
        Revision.objects.create(alert=alert, revision=number, at=START_MS, epoch=4, change="withdrawn", cause=why)
    client = of_role("viewer")
    (found,) = client.get("/dashboard/epochs/0/4/alerts").json()["results"]
    assert (found["revision"], found["alert"]["id"], found["alert"]["rule_name"]) == (2, alert.pk, NASTY)
    assert client.get("/dashboard/epochs/0/5/alerts").json() == {"results": [], "more": False}
    assert Client().get("/dashboard/epochs/0/4/alerts").status_code == 403
