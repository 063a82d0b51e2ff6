"""Whether a change of an alert is told, and how loudly. Pure.

A change in time is what people set the rule up for. What late events changed afterwards is a *correction*, and how
loud those are is a matter of the rule.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class Correction(StrEnum):
    """What a rule wants for corrections of its alerts."""

    SILENT = "silent"
    NOTE = "note"
    NOTIFY = "notify"


class Tone(StrEnum):
    """How a message speaks: *notify* wants attention, *note* is for the record."""

    NOTE = "note"
    NOTIFY = "notify"


class Policy(NamedTuple):
    """A rule's correction policy. `max_lateness_s`: what was observed longer ago is noted, not announced."""

    correction: Correction = Correction.NOTIFY
    max_lateness_s: float | None = None


TOLD_IN_TIME = frozenset({"raised", "cleared"})
"""A value that grows while the alert lasts is shown, not told."""

ALWAYS_CORRECTIONS = frozenset({"withdrawn", "reopened", "merged"})
"""Only late events, or a rule that was changed for the past, can do this to an alert."""

AGING = frozenset({"raised", "cleared", "reopened"})
"""What is news only while it is fresh. That an alert was withdrawn is worth knowing whenever it comes out."""


def is_correction(change: str, *, late: bool) -> bool:
    return late or change in ALWAYS_CORRECTIONS


def tone(policy: Policy, change: str, *, late: bool, observed_at: datetime | None, now: datetime) -> Tone | None:
    """How to tell of a change; None for not at all.

    `late`: late events caused it. `observed_at`: when what changed was observed (raised_at, cleared_at), None where
    nothing was.
    """
    if is_correction(change, late=late):
        loudest = {Correction.SILENT: None, Correction.NOTE: Tone.NOTE, Correction.NOTIFY: Tone.NOTIFY}
        told = loudest[policy.correction]
    else:
        told = Tone.NOTIFY if change in TOLD_IN_TIME else None
    return Tone.NOTE if told and change in AGING and _stale(policy, observed_at, now) else told


def _stale(policy: Policy, observed_at: datetime | None, now: datetime) -> bool:
    if policy.max_lateness_s is None or observed_at is None:
        return False
    return now - observed_at > timedelta(seconds=policy.max_lateness_s)
