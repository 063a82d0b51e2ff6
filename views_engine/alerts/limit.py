"""How many records a rule may make: one that would raise a million alerts is stopped, and says so."""

from collections import Counter
from collections.abc import Mapping

import structlog
from django.conf import settings

from views_engine.alerts.metrics import RULES_STOPPED
from views_engine.alerts.models import Alert, Rule

DAY_MS = 86_400_000

log = structlog.get_logger(__name__)


class Allowance:
    """What rules may still make at `clock` (ms), within a rolling day; asked in the transaction that makes it."""

    def __init__(self, rules: Mapping[int, Rule], clock: int) -> None:
        self._rules, self._since = rules, clock - DAY_MS
        self._most = settings.CONFIG.alerts.most_per_rule
        self._left: dict[int, int] = {}
        self._refused: Counter[int] = Counter()

    def take(self, rule_id: int) -> bool:
        """Whether the rule may make one more. A rule that was stopped makes none."""
        left = self._remaining(rule_id)
        if left > 0:
            self._left[rule_id] = left - 1
            return True
        self._refused[rule_id] += 1
        return False

    def stop_the_excessive(self) -> None:
        """Disables the rules that were refused something, from now on; what they made stays."""
        for rule_id, refused in self._refused.items():
            rule = self._rules[rule_id]
            log.error("alerts_not_made", rule=rule_id, name=rule.name, refused=refused, most=self._most)
            if not rule.stopped_reason:
                rule.turn(on=False, reason=reason(self._most))
                RULES_STOPPED.inc()

    def _remaining(self, rule_id: int) -> int:
        if rule_id not in self._left:
            made = Alert.objects.filter(rule_id=rule_id, created_at__gt=self._since).count()
            self._left[rule_id] = 0 if self._rules[rule_id].stopped_reason else self._most - made
        return self._left[rule_id]


def reason(most: int) -> str:
    """Why a rule was stopped, for people."""
    return (
        f"It raised more than {most:,} alerts within a day (setting alerts.most_per_rule) and was stopped: no more "
        "alerts are made. Make it narrower, then enable it again."
    )
