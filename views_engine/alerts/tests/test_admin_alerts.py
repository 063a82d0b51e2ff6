from typing import Any

import pytest
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from views_engine.alerts.models import Alert, Comment, Revision
from views_engine.alerts.tests.rounds import START, hot

pytestmark = pytest.mark.django_db
LIST = "/admin/alerts/alert/"


@pytest.fixture
def alert() -> Alert:
    about = {"rule": hot(), "device_id": "m", "shard": 0, "severity": "critical", "rule_name": "Too hot"}
    times = {"started_at": START, "raised_at": START, "created_at": START}
    made = Alert.objects.create(state="open", value=31_500_000, **about, **times)
    after = {"state": "open", "started_at": START}
    Revision.objects.create(alert=made, revision=1, at=START, epoch=0, change="raised", after=after)
    return made


def person(role: str) -> Client:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Role.objects.get(name=role))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("query", ["", "?acknowledged=no&state__exact=open&q=m"])
def test_the_list_opens(alert: Alert, query: str) -> None:
    page = person("viewer").get(LIST + query)
    assert page.status_code == 200
    assert "31.5" in page.content.decode()


def test_the_page_shows_what_became_of_it(alert: Alert) -> None:
    page = person("viewer").get(reverse("admin:alerts_alert_change", args=[alert.pk]))
    assert page.status_code == 200
    assert "raised" in page.content.decode()


@pytest.mark.parametrize(
    ("action", "seen", "assigned"),
    [("acknowledge", "operator", None), ("assign_to_me", None, "operator"), ("assign_to_nobody", None, None)],
)
def test_many_at_a_time(alert: Alert, action: str, seen: str | None, assigned: str | None) -> None:
    chosen: dict[str, Any] = {"action": action, "_selected_action": [alert.pk]}
    assert person("operator").post(LIST, chosen, follow=True).status_code == 200
    alert.refresh_from_db()
    assert (getattr(alert.acknowledged_by, "username", None), getattr(alert.assignee, "username", None)) == (
        seen,
        assigned,
    )


def test_viewers_change_nothing(alert: Alert) -> None:
    person("viewer").post(LIST, {"action": "acknowledge", "_selected_action": [alert.pk]})
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_somebody_is_assigned_and_says_something(alert: Alert) -> None:
    ada = User.objects.create_user("ada")
    form = {"assignee": ada.pk, **_formset("revisions"), **_formset("comments", 1), "comments-0-text": "A door."}
    form |= {"comments-0-alert": alert.pk, "comments-0-id": ""}
    answer = person("operator").post(reverse("admin:alerts_alert_change", args=[alert.pk]), form)
    assert answer.status_code == 302
    alert.refresh_from_db()
    assert alert.assignee == ada
    assert Comment.objects.values_list("author__username", "text").get() == ("operator", "A door.")


def _formset(name: str, total: int = 0) -> dict[str, int]:
    return {f"{name}-TOTAL_FORMS": total, f"{name}-INITIAL_FORMS": 0}
