"""The row of the view of alerts: one interval of observation time in which a rule had something to say of a device."""

import msgspec

from events.controls import RuleVersion


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """Named by (rule, device_id, started_at); times in ms, `cleared_at` None while it is open, `value` in millionths.

    Severity, name and version are those of the rule when it was raised.
    """

    rule: int
    device_id: str
    severity: str
    rule_name: str
    rule_version: int
    started_at: int
    raised_at: int
    cleared_at: int | None = None
    value: int | None = None


def interval(version: RuleVersion, device_id: str, started_at: int, raised_at: int) -> Interval:
    return Interval(
        rule=version.rule,
        device_id=device_id,
        severity=version.severity,
        rule_name=version.name,
        rule_version=version.version,
        started_at=started_at,
        raised_at=raised_at,
    )
