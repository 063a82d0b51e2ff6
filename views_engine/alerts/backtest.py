"""What a rule would have said: its intervals over a stretch of the past, recorded nowhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.utils import timezone

from views_engine.alerts.models import Rule
from views_engine.alerts.models.rule import milliseconds
from views_engine.reading import Version, get_reader
from views_engine.rules.interval import Interval

MONTH = timedelta(days=30)
SHOWN = 1000


class TooManyAlerts(Exception):
    """The rule would raise more than anybody could read; the message says how many are allowed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The first intervals by their start, how many there are (with `truncated`: at least), and the version asked."""

    intervals: list[Interval]
    count: int
    truncated: bool
    version: Version


def run(rule: Rule, begin: datetime, end: datetime, *, shown: int = SHOWN) -> Trial:
    """What the rule as it is now says of what was observed from `begin` to before `end`; no other version counts.

    Counts up to `alerts.most_per_rule`. Raises `Unavailable` when nobody can answer.
    """
    since, most = milliseconds(begin), settings.CONFIG.alerts.most_per_rule
    judged = msgspec.structs.replace(rule.as_version(), enabled=True, effective_from=since)
    question = {"rule": msgspec.to_builtins(judged), "from": since, "to": milliseconds(end), "limit": most + 1}
    answers = get_reader().query("backtest", question)
    found = [msgspec.convert(_known(row), Interval) for answer in answers for row in answer.rows]
    found.sort(key=lambda each: (each.started_at, each.device_id))
    version = {answer.shard: answer.version for answer in answers}
    return Trial(found[:shown], min(len(found), most), len(found) > min(shown, most), version)


def refuse_a_flood(rule: Rule) -> None:
    """Raises `TooManyAlerts` for a rule that would begin with too many, from its `effective_from` up to now."""
    now = timezone.now()
    if not rule.enabled or rule.effective_from >= now:
        return
    most = settings.CONFIG.alerts.most_per_rule
    trial = run(rule, rule.effective_from, now, shown=most)
    if trial.truncated:
        raise TooManyAlerts(
            f"From then on the rule would have raised more than {most:,} alerts (setting alerts.most_per_rule). "
            "Let it begin later, or make it narrower."
        )


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in Interval.__struct_fields__ if name in row}
