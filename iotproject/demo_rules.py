"""The rules of the demo: one of each sort that a fleet like this would have, and two for the device with a story."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from devices.models import Device
from devices.registry import get_registry
from events.simulation import story
from events.simulation.roster import KINDS, Roster
from views_engine.alerts.models import Rule

FENCE_M, CORNERS = 480.0, 12
METRES_PER_DEGREE = 111_195.0
COLD, TRACKER = "cold", "tracker"


def make_rules(roster: Roster, since: datetime) -> None:
    """Makes them, judging from `since` on, and silence from now on; nothing where there are rules already."""
    if Rule.objects.exists():
        return
    wanted = rules(roster)
    get_registry().register([device for rule in wanted for device in rule["scope"].get("devices", ())])
    Device.objects.filter(device_id=story.DEVICE, name="").update(name=story.NAME)
    for rule in wanted:
        # The past comes in pieces, each of which would look like a silence until the next.
        Rule(effective_from=timezone.now() if rule["kind"] == "no_data" else since, **rule).save()


def rules(roster: Roster) -> list[dict[str, Any]]:
    """What each says, as the API would take it."""
    collar = {"devices": [story.DEVICE]}
    tracker = of_kind(roster, TRACKER)[0]
    return [
        rule("Collar is silent", "no_data", "critical", {"after_s": 20}, collar),
        rule("Fever", "threshold", "critical", over(39.5, clear=39.2, for_s=20), collar, "temperature"),
        rule(
            "Cold box warm for 10 minutes",
            "threshold",
            "warning",
            over(5.5, clear=5.0, for_s=600),
            {"devices": of_kind(roster, COLD)},
            "temperature",
        ),
        rule("Battery low", "battery", "info", {"below": 15}, {}, "battery"),
        rule(
            f"{tracker} left its yard",
            "geofence",
            "warning",
            {"polygon": yard(roster, tracker), "when": "outside"},
            {"devices": [tracker]},
            "location",
        ),
    ]


def rule(
    name: str,
    kind: str,
    severity: str,
    parameters: Mapping[str, Any],
    scope: Mapping[str, Any],
    event_type: str = "",
) -> dict[str, Any]:
    said = {"name": name, "kind": kind, "severity": severity, "event_type": event_type}
    return {**said, "parameters": dict(parameters), "scope": dict(scope)}


def over(value: float, *, clear: float, for_s: int) -> dict[str, Any]:
    return {"operator": ">", "value": value, "clear_value": clear, "for_s": for_s}


def of_kind(roster: Roster, name: str) -> list[str]:
    """The ids of a roster's devices of one kind."""
    number = [kind.name for kind in KINDS].index(name)
    return [device for device, kind in zip(roster.ids, roster.kind.tolist(), strict=True) if kind == number]


def yard(roster: Roster, device: str) -> dict[str, Any]:
    """A GeoJSON polygon around the place where a device belongs."""
    index = roster.ids.index(device)
    latitude, longitude = float(roster.latitude[index]), float(roster.longitude[index])
    north, east = FENCE_M / METRES_PER_DEGREE, FENCE_M / METRES_PER_DEGREE / math.cos(math.radians(latitude))
    turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS)]
    ring = [
        [round(longitude + east * math.cos(turn), 6), round(latitude + north * math.sin(turn), 6)] for turn in turns
    ]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
