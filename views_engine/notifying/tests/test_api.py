from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from rest_framework.test import APIClient

from devices.models import Group
from devices.tests.conftest import Client, client_of, operator
from views_engine.notifying import outbox
from views_engine.notifying.models import Channel, Delivery
from views_engine.notifying.policy import Policy
from views_engine.notifying.tests.conftest import NOW, Alert, Revision, Server

__all__ = ["client_of", "operator"]

pytestmark = pytest.mark.django_db
CHANNELS, DELIVERIES = "/api/v1/channels", "/api/v1/deliveries"
MAIL = {"name": "mail", "kind": "email", "target": {"to": ["ops@example.com"]}}
HOOK = {"name": "hook", "kind": "webhook", "target": {"url": "https://example.com/x"}}
SLACK = {"name": "team", "kind": "slack", "target": {"url": "https://hooks.slack.com/services/T0/B0/hidden"}}


@pytest.mark.parametrize("body", [MAIL, HOOK, SLACK], ids=lambda body: str(body["kind"]))
def test_a_channel_is_made_and_changed_and_deleted(operator: APIClient, body: dict[str, Any]) -> None:
    made = operator.post(CHANNELS, body, format="json")
    assert made.status_code == 201, made.content
    page = f"{CHANNELS}/{made.json()['id']}"
    changed = operator.patch(page, {"min_severity": "warning", "enabled": False}, format="json")
    assert (changed.status_code, changed.json()["min_severity"]) == (200, "warning")
    assert operator.get(CHANNELS).json()["results"] == [changed.json()]
    assert operator.delete(page).status_code == 204


def test_the_secret_of_a_webhook_is_shown_once(operator: APIClient) -> None:
    made = operator.post(CHANNELS, HOOK, format="json").json()
    assert len(made["secret"]) > 30
    kept = Channel.objects.get()
    assert kept.secret == made["secret"]
    for page in (CHANNELS, f"{CHANNELS}/{kept.pk}"):
        assert made["secret"] not in operator.get(page).content.decode()
    assert made["secret"] not in str(Channel.history.values())


def test_a_secret_that_was_given_is_never_shown(operator: APIClient) -> None:
    made = operator.post(CHANNELS, {**HOOK, "secret": "sixteen letters!"}, format="json")
    assert made.status_code == 201
    assert "sixteen" not in made.content.decode()
    assert Channel.objects.get().secret == "sixteen letters!"


def test_the_address_of_slack_is_a_secret_and_outlives_a_change(operator: APIClient) -> None:
    made = operator.post(CHANNELS, SLACK, format="json")
    assert made.json()["target"] == {"url": "https://hooks.slack.com/…"}
    page = f"{CHANNELS}/{made.json()['id']}"
    changed = operator.patch(page, {"target": made.json()["target"], "name": "crew"}, format="json")
    assert changed.status_code == 200
    assert Channel.objects.get().secret.endswith("hidden")
    shown = made.content + changed.content + operator.get(CHANNELS).content + str(Channel.history.values()).encode()
    assert b"hidden" not in shown


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**HOOK, "target": {}}, "/target/url"),
        ({**HOOK, "target": {"url": 5}}, "/target/url"),
        ({**HOOK, "target": {"url": "ftp://example.com"}}, "/target/url"),
        ({**HOOK, "target": {"url": "http://"}}, "/target/url"),
        ({**HOOK, "target": {"url": "http://me:word@example.com/"}}, "/target/url"),
        ({**HOOK, "target": {"url": "http://example.com:99999/"}}, "/target/url"),
        ({**HOOK, "target": {"url": "http://exa mple.com/"}}, "/target/url"),
        ({**HOOK, "target": {"url": "http://example.com/\r\nX: y"}}, "/target/url"),
        ({**HOOK, "target": {"url": "https://x.example/", "to": []}}, "/target/to"),
        ({**HOOK, "target": "https://example.com"}, "/target"),
        ({**HOOK, "secret": "short"}, "/secret"),
        ({**MAIL, "secret": "sixteen letters!"}, "/secret"),
        ({**MAIL, "target": {"to": []}}, "/target/to"),
        ({**MAIL, "target": {"to": "ops@example.com"}}, "/target/to"),
        ({**MAIL, "target": {"to": ["nobody"]}}, "/target/to"),
        ({**MAIL, "target": {"to": [None]}}, "/target/to"),
        ({**MAIL, "target": {"to": ["a@b.example\nBcc: c@d.example"]}}, "/target/to"),
        ({**MAIL, "kind": "pigeon"}, "/kind"),
        ({**MAIL, "min_severity": "dire"}, "/min_severity"),
        ({**MAIL, "rules": ["3"]}, "/rules/0"),
        ({**MAIL, "rules": [12345]}, "/rules"),
        ({**MAIL, "rules": {}}, "/rules"),
        ({**MAIL, "groups": ["nowhere"]}, "/groups"),
        ({**MAIL, "name": ""}, "/name"),
        ({**MAIL, "enabled": "perhaps"}, "/enabled"),
        ({"kind": "email", "target": MAIL["target"]}, "/name"),
    ],
)
def test_nonsense_is_refused_by_field(operator: APIClient, body: dict[str, Any], pointer: str) -> None:
    answer = operator.post(CHANNELS, body, format="json")
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not Channel.objects.exists()


def test_a_group_is_named(operator: APIClient) -> None:
    Group.objects.create(name="depot")
    assert operator.post(CHANNELS, {**MAIL, "groups": ["depot"]}, format="json").json()["groups"] == ["depot"]


def test_the_kind_stays(operator: APIClient) -> None:
    made = operator.post(CHANNELS, SLACK, format="json").json()
    answer = operator.patch(f"{CHANNELS}/{made['id']}", {"kind": "webhook"}, format="json")
    assert answer.json()["errors"][0] | {"detail": ""} == {"pointer": "/kind", "code": "immutable", "detail": ""}


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("device", 403), ("viewer", 403), ("operator", 200)])
def test_who_may_see_channels(client_of: Client, who: str, status: int) -> None:
    assert client_of(who).get(CHANNELS).status_code == status


def test_a_test_message_says_what_came_of_it(operator: APIClient, webhook: Channel, server: Server) -> None:
    page = f"{CHANNELS}/{webhook.pk}/test"
    good = operator.post(page).json()
    assert (good["delivered"], good["detail"]) == (True, "200 ok")
    server.status = 500
    bad = operator.post(page).json()
    assert (bad["delivered"], bad["detail"]) == (False, "It answered 500 ok.")
    assert not Delivery.objects.exists()


def test_a_test_goes_to_no_private_address(
    operator: APIClient, webhook: Channel, server: Server, configure: Callable[..., None]
) -> None:
    configure(allow_private=False)
    answer = operator.post(f"{CHANNELS}/{webhook.pk}/test").json()
    assert (answer["delivered"], server.asked) == (False, [])
    assert "not a public address" in answer["detail"]


@pytest.fixture
def delivery(webhook: Channel) -> Delivery:
    outbox.write(Alert(), Revision(), Policy(), now=NOW)
    return Delivery.objects.get()


@pytest.mark.parametrize(
    ("query", "found"),
    [("", 1), ("?alert=7", 1), ("?alert=8", 0), ("?channel=999", 0), ("?state=waiting", 1), ("?state=dead", 0)],
)
def test_deliveries_are_found(client_of: Client, delivery: Delivery, query: str, found: int) -> None:
    assert len(client_of("viewer").get(DELIVERIES + query).json()["results"]) == found


@pytest.mark.parametrize(
    "query", ["?alert=x", "?alert=", "?channel=-1", "?state=lost", "?alert=" + "9" * 30, "?colour=red"]
)
def test_nonsense_filters_are_refused(operator: APIClient, query: str) -> None:
    assert operator.get(f"{DELIVERIES}?{query}").status_code == 400


def test_a_delivery_shows_its_attempts(operator: APIClient, delivery: Delivery) -> None:
    delivery.log.create(at=NOW, seconds=0.5, taken=False, answer="500")
    shown = operator.get(f"{DELIVERIES}/{delivery.pk}").json()
    assert shown["log"] == [{"at": "2026-03-01T12:00:00.000Z", "seconds": 0.5, "taken": False, "answer": "500"}]
    assert shown["next_attempt_at"] == "2026-03-01T12:00:00.000Z"


def test_what_was_given_up_can_be_sent_again(operator: APIClient, delivery: Delivery) -> None:
    page = f"{DELIVERIES}/{delivery.pk}/resend"
    assert operator.post(page).status_code == 409
    Delivery.objects.update(state="dead", attempts=33)
    assert operator.post(page).json() | {"created_at": ""} == {
        **operator.get(DELIVERIES).json()["results"][0],
        "created_at": "",
        "state": "waiting",
        "attempts": 0,
    }


def test_viewers_send_nothing(client_of: Client, delivery: Delivery) -> None:
    assert client_of("viewer").post(f"{DELIVERIES}/{delivery.pk}/resend").status_code == 403


@pytest.fixture
def administrator(client: Browser, admin_user: Any) -> Browser:
    client.force_login(admin_user)
    return client


FORM = {"name": "hook", "kind": "webhook", "min_severity": "info", "rules": "[]", "groups": "[]", "enabled": "on"}


def test_the_admin_makes_a_channel_and_shows_its_secret_once(administrator: Browser) -> None:
    page = "/admin/notifying/channel/"
    form = {**FORM, "target": '{"url": "https://example.com/x"}'}
    answer = administrator.post(f"{page}add/", form, follow=True)
    channel = Channel.objects.get()
    assert channel.secret in answer.content.decode()
    for shown in (page, f"{page}{channel.pk}/change/", f"{page}{channel.pk}/history/"):
        assert channel.secret not in administrator.get(shown).content.decode()


def test_the_admin_leaves_a_secret_that_nobody_writes(administrator: Browser) -> None:
    channel = Channel.objects.create(name="hook", kind="webhook", target={"url": "https://x.example"}, secret="s" * 20)
    form = {**FORM, "target": '{"url": "https://y.example"}'}
    administrator.post(f"/admin/notifying/channel/{channel.pk}/change/", form)
    channel.refresh_from_db()
    assert (channel.secret, channel.target) == ("s" * 20, {"url": "https://y.example"})


def test_the_admin_refuses_nonsense(administrator: Browser) -> None:
    answer = administrator.post("/admin/notifying/channel/add/", {**FORM, "target": '{"url": "no"}', "rules": '["a"]'})
    assert b"begins with https" in answer.content
    assert b"A list of ids of rules" in answer.content
    assert not Channel.objects.exists()


def test_the_admin_tests_and_sends_again(administrator: Browser, delivery: Delivery, server: Server) -> None:
    Delivery.objects.update(state="dead")
    send = {"action": "resend", "_selected_action": [delivery.pk]}
    administrator.post("/admin/notifying/delivery/", send)
    assert Delivery.objects.get().state == "waiting"
    try_it = {"action": "send_test", "_selected_action": [delivery.channel_id]}
    answer = administrator.post("/admin/notifying/channel/", try_it, follow=True)
    assert b"200 ok" in answer.content
    assert len(server.asked) == 1
