"""The demo's rules are as a person could have made them, and are made once."""

from datetime import UTC, datetime

import pytest

from events.models import ControlRecord
from events.simulation import story
from events.simulation.roster import Roster
from iotproject.demo_rules import make_rules, rules, yard
from views_engine.alerts import checking
from views_engine.alerts.models import Rule
from views_engine.rules.geofence import area_of

pytestmark = pytest.mark.django_db

ROSTER = Roster(60, 1)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def test_every_rule_would_be_taken_from_a_person() -> None:
    make_rules(ROSTER, SINCE)
    assert [checking.faults({**rule, "event_type": rule["event_type"] or None}) for rule in rules(ROSTER)] == [[]] * 5


def test_they_are_made_once_and_told_to_the_log() -> None:
    make_rules(ROSTER, SINCE)
    make_rules(ROSTER, SINCE)
    assert Rule.objects.count() == 5
    assert ControlRecord.objects.filter(body__type="rule").count() == 5


def test_the_story_has_a_rule_for_its_silence_and_one_for_its_fever() -> None:
    mine = [rule["kind"] for rule in rules(ROSTER) if rule["scope"].get("devices") == [story.DEVICE]]
    assert mine == ["no_data", "threshold"]


def test_a_yard_lies_around_its_device() -> None:
    index = ROSTER.ids.index("tracker-0001")
    east, north = float(ROSTER.longitude[index]) * 1e6, float(ROSTER.latitude[index]) * 1e6
    area = area_of(yard(ROSTER, "tracker-0001"))
    assert area.is_valid
    assert abs(area.centroid.x - east) < 200
    assert abs(area.centroid.y - north) < 200
