"""Claim, send, mark: with servers that are as bad as it gets, and no message lost or sent twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.core import mail
from django.db import connection

from views_engine.notifying import delivery, outbox
from views_engine.notifying.delivery import claim, deliver_due
from views_engine.notifying.models import Attempt, Channel, Delivery
from views_engine.notifying.policy import Policy
from views_engine.notifying.signing import signature
from views_engine.notifying.tests.conftest import NOW, Alert, Revision, Server

pytestmark = pytest.mark.django_db


def write(revision: int = 1, **fields: Any) -> None:
    outbox.write(Alert(**fields), Revision(revision=revision), Policy(), now=NOW)


def due(at: datetime = NOW) -> int:
    return deliver_due(clock=lambda: at, chance=lambda: 0.0)


def test_a_signed_webhook(webhook: Channel, server: Server) -> None:
    write()
    assert due() == 1
    headers, body = server.asked[0]
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.sent_at) == ("sent", 1, NOW)
    assert headers["Idempotency-Key"] == row.key
    assert headers["X-IoT-Signature"] == signature("s" * 20, int(headers["X-IoT-Timestamp"]), body)
    sent = msgspec.json.decode(body)
    assert (sent["id"], sent["change"], sent["alert"]["device_id"]) == (row.key, "raised", "meter-1")


def test_the_signature_is_what_openssl_makes_of_it() -> None:
    """printf '1700000000.{}' | openssl dgst -sha256 -hmac secret"""
    expected = "v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
    assert signature("secret", 1_700_000_000, b"{}") == expected


def test_slack(db: None, server: Server, configure: Callable[..., None]) -> None:
    configure(allow_private=True)
    Channel.objects.create(name="team", kind="slack", target={"url": server.url})
    write(rule_name="<!channel> hot & wet")
    assert due() == 1
    sent = msgspec.json.decode(server.asked[0][1])
    assert sent["text"] == "[critical] &lt;!channel&gt; hot &amp; wet: meter-1 raised"
    assert sent["attachments"][0]["color"] == "#d92d20"
    assert "Value: 31.5" in sent["attachments"][0]["text"]


def test_e_mail() -> None:
    Channel.objects.create(name="mail", kind="email", target={"to": ["ops@example.com"]})
    write(rule_name="Too\nhot")
    assert due() == 1
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["ops@example.com"], "[critical] Too hot: meter-1 raised")
    assert Delivery.objects.get().key in sent.extra_headers["Message-ID"]


def test_nothing_is_sent_twice(webhook: Channel, server: Server) -> None:
    write()
    assert [due(), due(NOW + timedelta(days=2))] == [1, 0]
    assert len(server.asked) == 1


def test_two_claims_of_one_message_and_one_has_it(webhook: Channel) -> None:
    write()
    first, second = Delivery.objects.get(), Delivery.objects.get()
    assert [claim(first, NOW), claim(second, NOW)] == [True, False]


def test_workers_that_run_into_each_other_send_each_message_once(webhook: Channel, server: Server) -> None:
    """Whenever one looks at the clock, another one does a whole sweep."""

    def interrupted() -> datetime:
        due()
        return NOW

    for revision in range(1, 8):
        write(revision)
    deliver_due(clock=interrupted, chance=lambda: 0.0)
    keys = [headers["Idempotency-Key"] for headers, _ in server.asked]
    assert sorted(keys) == sorted(Delivery.objects.values_list("key", flat=True))


def test_who_loses_the_race_for_a_message_does_not_send_it(webhook: Channel, server: Server) -> None:
    """Between seeing the row and claiming it, another worker sends it."""

    others: list[int] = []

    def meanwhile(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and "attempts" in sql and not others:
            others.append(0)
            others.append(due())
        return execute(sql, *rest)

    write()
    with connection.execute_wrapper(meanwhile):
        assert due() == 0
    assert (others, len(server.asked)) == ([0, 1], 1)


def test_killed_while_sending_the_message_comes_again_under_the_same_key(webhook: Channel, server: Server) -> None:
    write()
    claim(Delivery.objects.get(), NOW)
    assert due(NOW + timedelta(seconds=1)) == 0
    assert due(NOW + timedelta(minutes=5)) == 1
    assert server.asked[0][0]["Idempotency-Key"] == Delivery.objects.get().key


def test_a_server_that_answers_500_for_a_day_is_given_up(webhook: Channel, server: Server) -> None:
    """A simulated day: every time at which something is due."""
    server.status = 500
    write()
    while (row := Delivery.objects.get()).state in ("waiting", "failed"):
        due(row.next_attempt_at)
    assert (row.state, row.last_error) == ("dead", "It answered 500 ok.")
    assert 25 < row.attempts == len(server.asked) == row.log.count() < 40
    first, last = row.log.earliest("id").at, row.log.latest("id").at
    assert timedelta(hours=22) < last - first <= timedelta(days=1)


def test_what_was_given_up_can_be_sent_again_under_the_same_key(webhook: Channel, server: Server) -> None:
    server.status = 500
    write()
    late = NOW + timedelta(days=1)
    due(late)
    dead = Delivery.objects.get()
    assert dead.state == "dead"
    server.status = 200
    outbox.resend(dead, now=late)
    assert due(late) == 1
    assert Delivery.objects.get().state == "sent"
    assert {headers["Idempotency-Key"] for headers, _ in server.asked} == {dead.key}


def test_a_server_that_comes_back_gets_its_message(webhook: Channel, server: Server) -> None:
    server.status = 503
    write()
    due()
    row = Delivery.objects.get()
    assert (row.state, row.next_attempt_at) == ("failed", NOW + timedelta(seconds=10))
    server.status = 200
    assert [due(NOW + timedelta(seconds=9)), due(NOW + timedelta(seconds=10))] == [0, 1]
    assert [attempt.taken for attempt in Attempt.objects.all()] == [False, True]


def test_a_channel_that_hangs_does_not_hold_up_the_others(
    webhook: Channel, server: Server, configure: Callable[..., None]
) -> None:
    configure(allow_private=True, deadline_s=0.3)
    server.hang_s = 30
    Channel.objects.create(name="mail", kind="email", target={"to": ["ops@example.com"]})
    for revision in range(1, 11):
        write(revision)
    assert due() == 10
    assert len(mail.outbox) == 10
    assert len(server.asked) == delivery.MOST_A_CHANNEL
    assert "No answer within 0.3 s." in Delivery.objects.filter(channel=webhook).values_list("last_error", flat=True)


def test_a_private_address_is_given_up_at_once(
    webhook: Channel, server: Server, configure: Callable[..., None]
) -> None:
    configure(allow_private=False)
    write()
    due()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, server.asked) == ("dead", 1, [])
    assert "not a public address" in row.last_error


def test_a_channel_that_is_off_sends_nothing_and_old_news_stay_unsent(webhook: Channel, server: Server) -> None:
    write()
    Channel.objects.update(enabled=False)
    assert due() == 0
    Channel.objects.update(enabled=True)
    assert due(NOW + timedelta(days=2)) == 0
    assert (Delivery.objects.get().state, server.asked) == ("dead", [])


def test_a_mistake_of_ours_in_one_message_stops_no_other(webhook: Channel, server: Server) -> None:
    write(1)
    write(2)
    Delivery.objects.filter(revision=1).update(body={"no": "alert"})
    Channel.objects.filter(pk=webhook.pk).update(kind="slack", secret=server.url)
    assert due() == 1
    assert Delivery.objects.get(revision=1).last_error == "Our own mistake: KeyError."


def test_logs_and_errors_never_show_a_secret_address(
    server: Server, configure: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    configure(allow_private=True)
    caplog.set_level("DEBUG")
    Channel.objects.create(name="team", kind="slack", target={"url": f"{server.url}/T0/B0/hidden"})
    server.status = 500
    write()
    due()
    assert "not_delivered" in caplog.text
    assert "hidden" not in caplog.text
    assert "hidden" not in Delivery.objects.get().last_error
