"""The admin of rules and alerts."""

from views_engine.alerts.admin import alerts, rules

__all__ = ["alerts", "rules"]
