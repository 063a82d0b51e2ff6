from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection

from views_engine.alerts import people
from views_engine.alerts.mirror import Lost, Mirror
from views_engine.alerts.models import Alert, MirrorStanding, Revision, Rule
from views_engine.alerts.tests.rounds import MINUTE, START, Views, appoint, hot, lasted, told
from views_engine.calculator.changes import Changes
from views_engine.calculator.mirrored import At
from views_engine.calculator.store import Standing
from views_engine.notifying.models import Channel, Delivery

pytestmark = pytest.mark.django_db

CAUSE = {"device_id": "m", "event_type": "temperature", "observed_at": "2026-02-02T02:40:00.000Z", "event_id": "e"}


@pytest.fixture
def views() -> Views:
    return Views()


@pytest.fixture
def rule() -> Rule:
    return hot()


@pytest.fixture
def mirror(views: Views) -> Mirror:
    fence = appoint("one")
    return Mirror(views, 0, lambda: fence)


def person() -> User:
    return User.objects.get_or_create(username="ada")[0]


def the_alert() -> Alert:
    return Alert.objects.get()


def test_an_alert_is_raised_and_cleared(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(rule, "m", lasted(0, None))
    mirror.step()
    assert (the_alert().state, the_alert().started_at, the_alert().device_id) == ("open", START, "m")
    views.say(rule, "m", lasted(0, 5))
    mirror.step()
    assert (the_alert().state, told(the_alert())) == ("cleared", ["raised", "cleared"])


def test_one_that_is_over_when_it_is_seen_has_the_same_revisions(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(rule, "m", lasted(0, 5))
    mirror.step()
    raised, cleared = the_alert().revisions.all()
    assert (raised.change, raised.after["state"], raised.after["cleared_at"]) == ("raised", "open", None)
    assert (cleared.change, cleared.after) == ("cleared", {"cleared_at": START + 5 * MINUTE, "state": "cleared"})


def test_a_round_is_found_once(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(rule, "m", lasted(0, 5))
    assert [mirror.step(), mirror.step()] == [True, False]
    assert Revision.objects.count() == 2


def test_a_growing_value_is_kept_without_a_revision(views: Views, mirror: Mirror, rule: Rule) -> None:
    for value in (31, 32, 33):
        views.say(rule, "m", lasted(0, None, value=value))
        mirror.step()
    assert (the_alert().value, told(the_alert())) == (33, ["raised"])


def test_acknowledged_stays_acknowledged_when_it_is_withdrawn_and_comes_back(
    views: Views, mirror: Mirror, rule: Rule
) -> None:
    views.say(rule, "m", lasted(0, 5))
    mirror.step()
    people.acknowledge([the_alert().pk], person(), "seen")
    views.say(rule, "m", late=True)
    mirror.step()
    assert (the_alert().state, the_alert().acknowledged_by) == ("withdrawn", person())
    views.say(rule, "m", lasted(1, 5), late=True)
    mirror.step()
    assert (the_alert().state, the_alert().acknowledged_by) == ("cleared", person())
    assert told(the_alert()) == ["raised", "cleared", "withdrawn", "reopened"]


def test_a_piece_that_is_split_off_is_a_new_alert(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(rule, "m", lasted(0, None))
    mirror.step()
    first = the_alert()
    people.acknowledge([first.pk], person())
    views.say(rule, "m", lasted(0, 3), lasted(6, None), late=True)
    mirror.step()
    piece, known = Alert.objects.all()
    assert (known.pk, known.state, known.acknowledged_by) == (first.pk, "cleared", person())
    assert (piece.state, piece.acknowledged_at) == ("open", None)
    assert piece.revisions.get().after["split_from"] == first.pk


def test_of_two_that_grow_together_the_earlier_stays(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(rule, "m", lasted(0, 3), lasted(6, 9))
    mirror.step()
    later, earlier = Alert.objects.all()
    people.acknowledge([later.pk], person())
    views.say(rule, "m", lasted(0, 9), late=True)
    mirror.step()
    later.refresh_from_db()
    assert (later.state, later.merged_into, later.acknowledged_by) == ("withdrawn", earlier, person())
    assert told(later)[-1] == "merged"
    assert told(earlier)[-1] == "changed"


def test_two_that_had_grown_together_fall_apart(views: Views, mirror: Mirror, rule: Rule) -> None:
    for intervals in ([lasted(0, 3), lasted(6, 9)], [lasted(0, 9)], [lasted(0, 3), lasted(6, 9)]):
        views.say(rule, "m", *intervals, late=True)
        mirror.step()
    assert [(alert.state, alert.merged_into) for alert in Alert.objects.all()] == [("cleared", None)] * 2


def test_a_revision_names_the_late_event_that_caused_it(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(rule, "m", lasted(0, None))
    mirror.step()
    views.blame(rule, "m", lasted(0, None), CAUSE)
    views.say(rule, "m", late=True)
    mirror.step()
    withdrawn = the_alert().revisions.get(change="withdrawn")
    assert (withdrawn.cause, withdrawn.epoch) == (CAUSE, 1)
    assert (withdrawn.before, withdrawn.after) == ({"state": "open"}, {"state": "withdrawn"})


def test_a_round_after_several_epochs_names_the_one_that_changed_it(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(rule, "m", lasted(0, None))
    mirror.step()
    views.blame(rule, "m", lasted(0, None), {**CAUSE, "epoch": 1})
    views.say(rule, "m", late=True)
    views.say(rule, "another", late=True)
    mirror.step()
    withdrawn = the_alert().revisions.get(change="withdrawn")
    assert (withdrawn.cause, withdrawn.epoch) == (CAUSE, 1)


def test_a_long_withdrawn_open_alert_is_not_called_back_for_a_new_one(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(rule, "m", lasted(0, None), clock=START)
    mirror.step()
    views.say(rule, "m", late=True, clock=START + 10 * MINUTE)
    mirror.step()
    views.say(rule, "m", lasted(60, None), clock=START + 60 * MINUTE)
    mirror.step()
    assert [alert.state for alert in Alert.objects.all()] == ["open", "withdrawn"]


def test_a_replay_from_the_beginning_creates_nothing_new(views: Views, mirror: Mirror, rule: Rule) -> None:
    history = [[lasted(0, None)], [lasted(0, 3)], [lasted(0, 3), lasted(6, None)]]
    for intervals in history:
        views.say(rule, "m", *intervals)
        mirror.step()
    replica = Views()
    fence = appoint("another", fence=2)
    successor = Mirror(replica, 0, lambda: fence)
    for intervals in history:
        replica.say(rule, "m", *intervals)
        successor.step()
    assert (Alert.objects.count(), Revision.objects.count()) == (2, 3)


def test_a_store_that_is_behind_waits(views: Views, mirror: Mirror, rule: Rule) -> None:
    for end in (None, 3):
        views.say(rule, "m", lasted(0, end))
        mirror.step()
    behind = Views()
    behind.say(rule, "m", lasted(0, None))
    fence = appoint("another", fence=2)
    successor = Mirror(behind, 0, lambda: fence)
    assert not successor.step()
    assert (the_alert().state, successor.mirrored.at) == ("cleared", At(0, 2))
    behind.say(rule, "m", lasted(0, 3))
    successor.step()
    assert told(the_alert()) == ["raised", "cleared"]


def test_of_two_mirrors_the_fenced_one_writes_nothing(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(rule, "m", lasted(0, None))
    mirror.step()
    appoint("another", fence=2)
    views.say(rule, "m", lasted(0, 3))
    with pytest.raises(Lost):
        mirror.step()
    assert (told(the_alert()), MirrorStanding.objects.get().position) == (["raised"], 1)


def test_of_two_that_began_at_the_same_standing_one_writes(views: Views, mirror: Mirror, rule: Rule) -> None:
    other = Mirror(views, 0, lambda: 1)
    views.say(rule, "m", lasted(0, None))
    mirror.step()
    other.step()
    views.say(rule, "m", lasted(0, 5))
    mirror.step()
    views.say(rule, "m", lasted(0, 6))
    with pytest.raises(Lost):
        other.step()
    other.step()
    assert told(the_alert()) == ["raised", "cleared", "changed"]


def test_who_is_not_live_mirrors_nothing(views: Views, rule: Rule) -> None:
    idle = Mirror(views, 0, lambda: None)
    views.say(rule, "m", lasted(0, None))
    assert not idle.step()
    assert (Alert.objects.count(), idle.mirrored.at) == (0, None)


def test_a_round_that_fails_leaves_nothing_and_is_done_again(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(rule, "m", lasted(0, None))
    mirror.step()
    views.say(rule, "m", lasted(0, 5))
    with pytest.raises(DatabaseError), away():
        mirror.step()
    assert (told(the_alert()), the_alert().state, MirrorStanding.objects.get().position) == (["raised"], "open", 1)
    assert mirror.mirrored.at is None
    mirror.step()
    assert (told(the_alert()), MirrorStanding.objects.get().position) == (["raised", "cleared"], 2)


def test_a_crash_after_the_commit_changes_nothing_when_it_starts_again(
    views: Views, mirror: Mirror, rule: Rule
) -> None:
    views.say(rule, "m", lasted(0, 5))
    mirror.step()
    Mirror(views, 0, lambda: 1).step()
    assert Revision.objects.count() == 2


def away() -> Any:
    """The database takes no revisions."""

    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        if "alerts_revision" in sql and sql.startswith("INSERT"):
            raise DatabaseError("the database is away")
        return execute(sql, *rest)

    return connection.execute_wrapper(refuse)


def test_a_rule_that_raises_too_much_is_stopped(views: Views, mirror: Mirror, rule: Rule, few: int) -> None:
    for number in range(few + 2):
        views.say(rule, f"m-{number}", lasted(0, None))
    mirror.step()
    rule.refresh_from_db()
    assert (Alert.objects.count(), rule.enabled) == (few, False)
    assert f"more than {few} alerts" in rule.stopped_reason
    views.say(rule, "one-more", lasted(0, None))
    mirror.step()
    assert Alert.objects.count() == few


def test_what_a_stopped_rule_raised_is_still_followed(views: Views, mirror: Mirror, rule: Rule, few: int) -> None:
    for number in range(few + 1):
        views.say(rule, f"m-{number}", lasted(0, None))
    mirror.step()
    views.say(rule, "m-0", lasted(0, 5))
    mirror.step()
    assert Alert.objects.get(device_id="m-0").state == "cleared"


@pytest.fixture
def few(settings: Any) -> int:
    alerts = settings.CONFIG.alerts.model_copy(update={"most_per_rule": 3})
    settings.CONFIG = settings.CONFIG.model_copy(update={"alerts": alerts})
    return 3


def test_a_rule_that_the_database_does_not_know_stops_nothing(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(Rule(pk=99), "m", lasted(0, None))
    views.say(rule, "m", lasted(0, None))
    mirror.step()
    assert the_alert().rule == rule


def test_what_is_told_is_written_with_the_revision_and_once(views: Views, mirror: Mirror, rule: Rule) -> None:
    Channel.objects.create(name="ops", kind="email", target={"to": ["ops@example.com"]})
    views.say(rule, "m", lasted(0, None, raised_at=START + 10**12))
    mirror.step()
    Mirror(views, 0, lambda: 1).step()
    (delivery,) = Delivery.objects.all()
    assert (delivery.alert_id, delivery.revision, delivery.body["change"]) == (the_alert().pk, 1, "raised")


def test_the_standing_is_written_once_a_second_and_told_at_once(views: Views, mirror: Mirror, rule: Rule) -> None:
    views.say(rule, "m", lasted(0, None))
    mirror.step()
    views.at, views.clock = At(0, 7), views.clock + 10
    mirror.step()
    assert (mirror.mirrored.at, MirrorStanding.objects.get().position) == (At(0, 7), 1)
    views.at, views.clock = At(0, 8), views.clock + 1_000
    mirror.step()
    assert MirrorStanding.objects.get().position == 8


def test_who_listens_to_the_calculator_hears_of_alerts(views: Views, rule: Rule) -> None:
    lines: list[bytes] = []
    changes = Changes()
    changes.listen(lines.append)
    changes.publish(Standing(epoch=2, position=9))
    appoint("one")
    views.say(rule, "m", lasted(0, None))
    Mirror(views, 0, lambda: 1, tell=changes.tell).step()
    told = orjson.loads(lines[-1])
    alert = {"device_id": "m", "kind": "alert", "alert": the_alert().pk, "state": "open", "severity": "warning"}
    assert (told["version"], told["changes"]) == ({"epoch": 2, "position": 9}, [alert])
